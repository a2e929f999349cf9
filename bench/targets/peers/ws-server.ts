/**
 * A peer to compare our own server with: greets and echoes using the `ws` package, with the settings that most people
 * use. Prints one line of JSON with its URL once it listens.
 */
import { Command, CommanderError } from 'commander';
import type { AddressInfo } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { exitStatus, messageOf, UsageError } from '../../../program/failure.js';
import { addOptions, option, readOptions } from '../../../program/option-table.js';
import { serverOptionTable } from '../../../server/options.js';

const { host, port, greeting, maxPayload } = serverOptionTable;

const optionTable = {
  host,
  port: { ...port, default: 0 },
  greeting,
  compression: option<'off' | 'deflate'>({
    group: 'Behaviour',
    argument: 'MODE',
    summary: 'deflate: permessage-deflate where the client offers it; off: never',
    parse: parseCompression,
    default: 'deflate',
  }),
  maxPayload,
};

/** Close code of a server that goes away (RFC 6455, section 7.4.1). */
const goingAway = 1001;

/** How long clients may take to answer the close, in milliseconds. */
const closeTimeoutMs = 5000;

const command = new Command('ws-server').exitOverride().configureOutput({
  outputError: (text, write) => {
    write(`ws-server: ${messageOf(text.trim().replace(/^error: /, ''))}\n`);
  },
});
addOptions(command, optionTable);
try {
  command.parse();
  serve(readOptions(command, optionTable));
} catch (error) {
  process.exitCode = report(error);
}

/** Prints what is wrong with the command line, and returns the exit status. Commander prints its own errors. */
function report(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`ws-server: ${messageOf(error)}\n`);
  return exitStatus.usage;
}

function serve(options: ReturnType<typeof readOptions<typeof optionTable>>): void {
  const server = new WebSocketServer({
    host: options.host,
    port: options.port,
    perMessageDeflate: options.compression === 'deflate',
    maxPayload: options.maxPayload,
    // The default of 511 is too few for thousands of handshakes a second.
    backlog: 4096,
  });
  server.on('listening', () => {
    const { address, family, port: chosen } = server.address() as AddressInfo;
    const hostInUrl = family === 'IPv6' ? `[${address}]` : address;
    process.stdout.write(`${JSON.stringify({ url: `ws://${hostInUrl}:${chosen}` })}\n`);
  });
  server.on('error', (error) => {
    process.stderr.write(`ws-server: cannot listen on port ${options.port}: ${error.message}\n`);
    process.exitCode = exitStatus.failed;
    // The listener for `disconnect` would keep the process alive.
    process.channel?.unref();
  });
  server.on('connection', (socket) => {
    socket.on('message', echo);
    socket.on('error', ignore);
    if (options.greeting !== undefined) socket.send(options.greeting);
  });
  const close = (): void => {
    closeAll(server);
  };
  process.once('SIGTERM', close);
  process.once('SIGINT', close);
  // The bench started this server, and without it there is nobody to serve.
  process.once('disconnect', close);
}

function echo(this: WebSocket, data: RawData, isBinary: boolean): void {
  // Unless told otherwise, `ws` gives one Buffer.
  this.send(data as Buffer, { binary: isBinary });
}

function ignore(): void {
  // `ws` closes a connection that breaks; there is nothing more to do.
}

function closeAll(server: WebSocketServer): void {
  server.close();
  for (const socket of server.clients) socket.close(goingAway, 'server is shutting down');
  // What is still open by then includes connections without a handshake, which `ws` does not list.
  setTimeout(() => process.exit(), closeTimeoutMs).unref();
  process.channel?.unref();
}

function parseCompression(text: string): 'off' | 'deflate' {
  if (text === 'off' || text === 'deflate') return text;
  throw new RangeError(`${JSON.stringify(text)} is neither off nor deflate`);
}
