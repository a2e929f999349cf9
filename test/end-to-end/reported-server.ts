/**
 * A server with one of the faults that people have reported, by name: `node reported-server.js FAULT PORT`. Sources:
 * `dead-sockets-kept`: SignalK/signalk-server#2386, websockets/ws#869; `key-as-id`: websockets/ws#310, #859;
 * `deflate-on-reply`: websockets/ws#1202, Kludex/uvicorn#1862; `queues-for-slow-readers`: websockets/ws#492.
 */
import { WebSocketServer, type WebSocket } from 'ws';
import type { IncomingMessage } from 'node:http';

/** About 3 KiB of JS heap. */
function history(): number[] {
  return Array.from({ length: 350 }, (_, index) => index + Math.random());
}

const kept = new Map<unknown, unknown>();
let nextId = 0;

const faults: Readonly<Record<string, (client: WebSocket, request: IncomingMessage) => void>> = {
  // A registry of users that forgets only those who have said goodbye.
  'dead-sockets-kept': (client) => {
    const id = nextId++;
    kept.set(id, history());
    client.on('close', (code) => {
      if (code !== 1006) kept.delete(id);
    });
  },
  // Clients are known by their key, and never forgotten.
  'key-as-id': (_, request) => {
    kept.set(request.headers['sec-websocket-key'], history());
  },
  // Says nothing until the client asks, and compresses what it answers.
  'deflate-on-reply': (client) => {
    client.on('message', (data: Buffer, isBinary) => {
      client.send(data, { binary: isBinary });
    });
  },
  // Everybody gets everything, whoever can't keep up.
  'queues-for-slow-readers': (client) => {
    const clock = setInterval(() => {
      client.send(Buffer.alloc(256 * 1024, 'x'));
    }, 20);
    client.on('close', () => {
      clearInterval(clock);
    });
  },
};

const [fault = '', port = ''] = process.argv.slice(2);
const commit = faults[fault];
if (commit === undefined) throw new Error(`There is no fault ${fault}`);
const perMessageDeflate = fault === 'deflate-on-reply' ? { threshold: 0 } : false;
new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate }).on(
  'connection',
  (client, request) => {
    client.on('error', () => undefined);
    commit(client, request);
  },
);
