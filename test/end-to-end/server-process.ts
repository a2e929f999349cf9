/** Runs `tidemark server` as a process, and connects to it with the `ws` client. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import type { ListeningDocument, ServerCounts, StatsDocument } from '../../server/documents.js';
import { type Program, startProgram } from './program.js';

/** A server that listens. */
export interface RunningServer {
  readonly program: Program;
  readonly document: ListeningDocument;
  readonly url: string;
  /** Fetches a path of the admin port. */
  admin(path: string, method?: string): Promise<Response>;
  stats(): Promise<StatsDocument>;
}

/** A connection that is open. */
export interface Client {
  readonly socket: WebSocket;
  /** Resolves with the next message, a text frame as a string; rejects if the connection closes first. */
  next(): Promise<string | Buffer>;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
}

/** Flags for free ports and one worker. */
export const oneWorker = ['--port', '0', '--admin-port', '0', '--workers', '1'] as const;

/** Starts `tidemark server --json` and waits until it listens. */
export async function startServer(...args: readonly string[]): Promise<RunningServer> {
  const program = startProgram(['server', '--json', ...oneWorker, ...args]);
  const document = (await program.nextJsonLine()) as ListeningDocument;
  assert.equal(document.event, 'listening');
  const admin = (path: string, method = 'GET'): Promise<Response> =>
    fetch(`${document.admin_url}${path}`, { method });
  return {
    program,
    document,
    url: document.url,
    admin,
    stats: async () => (await (await admin('/stats')).json()) as StatsDocument,
  };
}

/** Connects, without permessage-deflate unless the options ask for it. */
export async function connect(url: string, options: ClientOptions = {}): Promise<Client> {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  const received: (string | Buffer)[] = [];
  const waiting: ((message: string | Buffer) => void)[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? data : data.toString();
    const take = waiting.shift();
    if (take === undefined) received.push(message);
    else take(message);
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  // What happens to a connection later shows in `closed`.
  socket.on('error', () => undefined);
  return {
    socket,
    closed,
    next: () => {
      const first = received.shift();
      if (first !== undefined) return Promise.resolve(first);
      return new Promise((resolve, reject) => {
        waiting.push(resolve);
        void closed.then((code) => {
          reject(new Error(`The connection closed with ${code} instead of a message`));
        });
      });
    },
  };
}

/** Opens many connections at once. */
export function connectMany(url: string, count: number): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, () => connect(url)));
}

/** Returns the status with which a server refuses a handshake. */
export async function refusalStatus(
  url: string,
  options: ClientOptions = {},
): Promise<number | undefined> {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { readonly statusCode?: number; resume(): void },
  ];
  response.resume();
  return response.statusCode;
}

/** Fails unless each count of connections adds up: what was opened is closed or open. */
export function assertReconciled(counts: ServerCounts): void {
  assert.equal(
    counts.connections_opened_total,
    counts.connections_closed_total + counts.connections,
  );
}
