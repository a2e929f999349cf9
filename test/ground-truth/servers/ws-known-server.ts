/**
 * A server on `ws` that is known to leak, or to do what is taken for a leak: `ws-known-server PORT BEHAVIOUR BYTES`. With
 * `KNOWN_TLS=CERT,KEY` it speaks TLS, with `KNOWN_CLUSTER=N` it has N workers, with `KNOWN_DEFLATE=1` it compresses.
 */
import cluster from 'node:cluster';
import { createSecretKey } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createDeflateRaw } from 'node:zlib';
import { type WebSocket, WebSocketServer } from 'ws';
import { heapBallast } from '../heap-ballast.js';

/** What happens to a server at each event of a connection. */
interface Behaviour {
  readonly opened?: (socket: WebSocket, request: IncomingMessage) => void;
  readonly message?: () => void;
  readonly closed?: (code: number) => void;
}

const [port = '0', behaviourName = 'none', bytesText = '0'] = process.argv.slice(2);
const bytes = Number(bytesText);
const greeting = '{"type":"greeting","message":"hello"}';

/** Connections that have ended without a close frame (RFC 6455, 7.1.5). */
const abnormalClosure = 1006;

const kept: unknown[] = [];
let openedTotal = 0;

/** A table that grows to twice its size when it is full, and is used again from then on. */
const pool: { free: Buffer[]; size: number } = { free: [], size: 0 };

function takeFromPool(): Buffer {
  if (pool.free.length === 0) {
    const more = Math.max(64, pool.size);
    pool.size += more;
    for (let index = 0; index < more; index++) pool.free.push(Buffer.alloc(bytes, 1));
  }
  return pool.free.pop() ?? Buffer.alloc(bytes);
}

const cache = new Map<number, Buffer>();

/** Entries of the cache, which the second wave fills. */
const cacheEntries = Number(process.env['KNOWN_CACHE_ENTRIES'] ?? 15_000);

const bus = new EventEmitter();
bus.setMaxListeners(0);

/** Sizes whose blocks lie between those that stay, in bytes. */
const mixedSizes = [40, 1000, 200, 5000, 72, 20_000];

/** So long something stays after its connection, in milliseconds: less than a rest. */
const lateMs = 2000;

const behaviours: Readonly<Record<string, Behaviour>> = {
  none: {},
  'leak-js': { opened: () => kept.push(heapBallast(bytes)) },
  'leak-buffer': { opened: () => kept.push(Buffer.alloc(bytes, 1)) },
  // The bytes of a key are OpenSSL's, in malloc.
  'leak-malloc': { opened: () => kept.push(createSecretKey(Buffer.alloc(bytes, 1))) },
  // Node makes the state with the first byte.
  'leak-deflate': {
    opened: () => {
      const deflate = createDeflateRaw();
      deflate.write('x');
      kept.push(deflate);
    },
  },
  'leak-tenth': {
    opened: () => {
      if (openedTotal % 10 === 0) kept.push(Buffer.alloc(bytes, 1));
    },
  },
  'leak-message': { message: () => kept.push(heapBallast(bytes)) },
  'leak-abnormal': {
    closed: (code) => {
      if (code === abnormalClosure) kept.push(Buffer.alloc(bytes, 1));
    },
  },
  // A listener that nobody takes away keeps what it refers to.
  'leak-listener': {
    opened: (socket) => {
      const ballast = heapBallast(bytes);
      bus.on('news', () => {
        socket.send(ballast);
      });
    },
  },
  'keep-request': {
    opened: (socket, request) => {
      Object.assign(socket, { request, ballast: heapBallast(bytes) });
    },
  },
  pool: {
    opened: (socket) => {
      const buffer = takeFromPool();
      socket.once('close', () => pool.free.push(buffer));
    },
  },
  cache: {
    opened: () => {
      const entry = openedTotal % cacheEntries;
      if (!cache.has(entry)) cache.set(entry, Buffer.alloc(bytes, 1));
    },
  },
  // One small block in a hundred stays until the next connection of its number comes: no page of the others is free.
  fragments: {
    opened: (socket) => {
      const blocks = mixedSizes.map((size) => createSecretKey(Buffer.alloc(size, 1)));
      cache.set(openedTotal % 100, Buffer.alloc(64));
      kept[openedTotal % 1000] = blocks[0];
      socket.once('close', () => blocks.splice(0));
    },
  },
  late: {
    opened: (socket) => {
      const ballast = [heapBallast(bytes), Buffer.alloc(bytes, 1)];
      socket.once('close', () => {
        setTimeout(() => ballast.splice(0), lateMs);
      });
    },
  },
  garbage: {
    opened: () => {
      const cycle: { self?: unknown; ballast: string } = { ballast: heapBallast(bytes) };
      cycle.self = cycle;
    },
  },
};

function serve(): void {
  const behaviour = behaviours[behaviourName];
  if (behaviour === undefined) throw new Error(`There is no behaviour ${behaviourName}`);
  const [certFile, keyFile] = process.env['KNOWN_TLS']?.split(',') ?? [];
  const server =
    certFile === undefined || keyFile === undefined
      ? createServer()
      : createSecureServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
  const sockets = new WebSocketServer({
    server,
    perMessageDeflate: process.env['KNOWN_DEFLATE'] === '1' ? { threshold: 0 } : false,
  });
  sockets.on('connection', (socket, request) => {
    openedTotal++;
    behaviour.opened?.(socket, request);
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => {
      behaviour.message?.();
      socket.send(data, { binary: isBinary });
    });
    socket.on('close', (code) => behaviour.closed?.(code));
    socket.send(greeting);
  });
  server.listen(Number(port), '127.0.0.1', 4096);
}

const workers = Number(process.env['KNOWN_CLUSTER'] ?? 0);
if (workers > 0 && cluster.isPrimary) {
  for (let index = 0; index < workers; index++) cluster.fork();
} else {
  serve();
}
