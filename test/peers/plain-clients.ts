/**
 * Opens WebSocket connections the way that most people write it, for comparison: `plain-clients.js URL N socket|ws|global`, on Node or
 * Bun. With `socket` it only writes a handshake to a TCP socket of Node's and reads what comes into one buffer: the floor for whoever
 * uses these. Prints a line when it is ready, begins on SIGUSR2, and prints a second line when all were greeted.
 */
import * as tcp from 'node:net';
import WebSocketOfWs from 'ws';

/** Connections started at once, and how often. */
const batch = 50;
const batchMs = 5;

/** More from one source address, and each has to search for a port; Node can choose the address. */
const connectionsPerAddress = 5000;
/** What the kernel gives out by itself begins at 32,768. */
const firstLocalPort = 20_000;
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

const { host: endpoint, hostname, port } = new URL(url);

const handshake = Buffer.from(
  `GET / HTTP/1.1\r\nHost: ${endpoint}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
);

interface PlainSocket extends tcp.Socket {
  isGreeted?: boolean;
}

/** The same for all sockets, as what stands for what they do is. The server sends its greeting with its answer. */
const onread = {
  buffer: Buffer.allocUnsafeSlow(64 * 1024),
  callback(this: PlainSocket): boolean {
    if (this.isGreeted !== true) onGreeting();
    this.isGreeted = true;
    return true;
  },
};

function sendHandshake(this: PlainSocket): void {
  this.write(handshake);
}

/** Chooses the local port too: else the kernel searches for one, which takes longer than all the rest. */
function startSocket(localAddress: string): void {
  const localPort = firstLocalPort + (started % connectionsPerAddress);
  // In two steps, as in the dialer, for the same reason.
  const options = { host: hostname, port: Number(port), onread };
  const socket: PlainSocket = tcp.connect({ ...options, localAddress, localPort });
  socket.once('connect', sendHandshake);
  socket.once('error', onError);
  kept.push(socket);
}

function startOne(): void {
  const localAddress = `127.${net}.0.${1 + Math.floor(started / connectionsPerAddress)}`;
  if (implementation === 'socket') {
    startSocket(localAddress);
    return;
  }
  if (implementation === 'ws') {
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
