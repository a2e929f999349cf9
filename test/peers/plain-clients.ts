/**
 * Opens WebSocket connections the way that most people write it, for comparison: `plain-clients.js URL N ws|global`, on
 * Node or Bun. Prints a line when it is ready, begins on SIGUSR2, and prints a second line when all were greeted.
 */
import WebSocketOfWs from 'ws';

/** Connections started at once, and how often. */
const batch = 50;
const batchMs = 5;

/** More from one source address, and each has to search for a port; Node can choose the address. */
const connectionsPerAddress = 5000;
const net = 1 + Math.floor(Math.random() * 250);

const [url = '', count = '0', implementation] = process.argv.slice(2);
const connections = Number(count);
let started = 0;
let greeted = 0;

// So that nothing is collected that the user of such a client would keep.
const kept: unknown[] = [];

function onGreeting(): void {
  greeted++;
  if (greeted === connections) process.stdout.write('greeted\n');
}

function onError(reason: unknown): void {
  process.stderr.write(`a connection failed: ${String(reason)}\n`);
  process.exit(1);
}

function startOne(): void {
  if (implementation === 'ws') {
    const localAddress = `127.${net}.0.${1 + Math.floor(started / connectionsPerAddress)}`;
    const socket = new WebSocketOfWs(url, { perMessageDeflate: false, localAddress });
    socket.once('message', onGreeting);
    socket.once('error', onError);
    kept.push(socket);
    return;
  }
  const socket = new WebSocket(url);
  socket.addEventListener('message', onGreeting, { once: true });
  socket.addEventListener('error', onError, { once: true });
  kept.push(socket);
}

process.once('SIGUSR2', () => {
  const timer = setInterval(() => {
    for (let index = 0; index < batch && started < connections; index++, started++) startOne();
    if (started === connections) clearInterval(timer);
  }, batchMs);
});
// Holds what is open until it is killed.
setInterval(() => undefined, 60_000);
process.stdout.write('ready\n');
