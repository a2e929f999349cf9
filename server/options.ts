import type { Command } from 'commander';
import {
  formatDuration,
  orAuto,
  parseDurationMs,
  parseSizeBytes,
  parseWholeNumber,
} from '../program/quantities.js';
import {
  choiceOption,
  option,
  type OptionValues,
  readOptions,
  switchOption,
  throwProblems,
} from '../program/option-table.js';
import { type CompressionMode, compressionModes } from './compression.js';

const listening = 'Listening';
const behaviour = 'Behaviour';
const limits = 'Limits';
const operation = 'Operation';

/** Every option of `tidemark server`. */
export const serverOptionTable = {
  host: option({
    group: listening,
    argument: 'ADDRESS',
    summary: 'address to listen on; others than loopback let the network in',
    parse: parseAddress,
    default: '127.0.0.1',
  }),
  port: portOption('port for WebSocket connections; 0: any free one', 8080),
  adminHost: option({
    group: listening,
    argument: 'ADDRESS',
    summary: 'address of the admin port',
    parse: parseAddress,
    default: '127.0.0.1',
  }),
  adminPort: portOption('port of /healthz, /metrics and /stats; 0: any free one', 9090),
  tlsCert: fileOption(
    'certificate chain (PEM): serve wss:// instead of ws://; new connections get another one when the file changes, and on SIGHUP',
  ),
  tlsKey: fileOption('private key of the certificate (PEM), read together with it'),
  greeting: option<string | undefined>({
    group: behaviour,
    argument: 'TEXT',
    summary: 'text frame written on open; "" is an empty frame',
    parse: (text) => text,
    default: '{"type":"greeting","message":"hello"}',
    negation: { summary: 'write nothing on open', value: undefined },
  }),
  compression: choiceOption<CompressionMode>({
    group: behaviour,
    argument: 'MODE',
    summary: `permessage-deflate, where the client offers it: ${compressionModes.join(', ')}`,
    choices: compressionModes,
    default: 'off',
  }),
  workers: option<number | 'auto'>({
    group: limits,
    argument: 'N|auto',
    summary: 'worker processes that share the port; auto: what cores and open-file limit ask for',
    parse: orAuto((text) => parseWholeNumber(text, 1, 10_000)),
    default: 'auto',
  }),
  workerPorts: switchOption(
    listening,
    'have each worker listen at a free port of its own as well, told in the --json line and in /stats, for clients that fill one after the other (loadgen --spread in-turn)',
  ),
  maxConnections: option<number | undefined>({
    group: limits,
    argument: 'N',
    summary:
      'connections admitted in all, an even share to each worker; a full worker answers 503, and as the kernel ' +
      'spreads connections unevenly, one may be full before all are (default: what the open-file limit allows)',
    parse: (text) => parseWholeNumber(text, 1),
    default: undefined,
  }),
  maxPerAddress: option<number | undefined>({
    group: limits,
    argument: 'N',
    summary:
      'open connections of one remote address (IPv6: of one /64), over all workers; a handshake beyond is answered 429. ' +
      'Clients behind one proxy share its address (default: no limit)',
    parse: (text) => parseWholeNumber(text, 1),
    default: undefined,
  }),
  idleTimeout: option({
    group: limits,
    argument: 'DURATION',
    summary:
      'close a connection that is silent for this long, pings unanswered; 0: never, else 8s to 960s',
    parse: parseIdleTimeoutMs,
    default: 960_000,
    defaultText: '960s',
  }),
  maxPayload: sizeOption(
    'largest message accepted; a larger one closes the connection',
    16 * 1024,
    '16KiB',
  ),
  maxBackpressure: sizeOption(
    'unsent bytes per connection at which it is closed, because its client does not read',
    64 * 1024,
    '64KiB',
  ),
  maxBackpressureTotal: sizeOption(
    'the same of all connections together, an even share to each worker: the one that goes beyond it is cut',
    1024 * 1024 * 1024,
    '1GiB',
  ),
  allowOrigin: option<readonly string[] | undefined>({
    group: limits,
    argument: 'ORIGIN[,ORIGIN…]',
    summary:
      'web pages that may connect, such as https://example.org; clients that send no Origin always may (default: all)',
    parse: (text) => text.split(',').map((each) => parseOrigin(each.trim())),
    default: undefined,
  }),
  shutdownTimeout: option({
    group: operation,
    argument: 'DURATION',
    summary:
      'how long connections may take to close after SIGTERM or SIGINT, or, without TLS, SIGHUP',
    parse: parseDurationMs,
    default: 10_000,
    defaultText: '10s',
  }),
  uws: option<string | undefined>({
    group: operation,
    argument: 'PATH',
    summary:
      'build of uWebSockets.js to load: a package folder or a .node file (default: the installed package)',
    parse: (text) => text,
    default: undefined,
  }),
  json: switchOption(
    operation,
    'print one line of JSON on standard output when the server listens',
  ),
};

/** The checked options of one server. */
export type ServerOptions = OptionValues<typeof serverOptionTable>;

/** uWebSockets.js takes 8 to 960 seconds, in steps of 4 (its timer ticks every 4 seconds), or 0. */
const shortestIdleMs = 8000;
const longestIdleMs = 960_000;

/**
 * Reads and checks the options of a parsed `server` command.
 * @throws {UsageError} naming every problem with them.
 */
export function readServerOptions(command: Command): ServerOptions {
  const options = readOptions(command, serverOptionTable);
  const problems: string[] = [];
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined)) {
    problems.push('--tls-cert and --tls-key go together: give both, or none');
  }
  if (
    options.port !== 0 &&
    options.port === options.adminPort &&
    options.host === options.adminHost
  ) {
    problems.push(`--port and --admin-port are both ${options.port}: give two different ones`);
  }
  throwProblems(problems);
  return options;
}

/** An origin is compared as browsers write it (RFC 6454, section 6.2). */
function parseOrigin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text.toLowerCase()) return text.toLowerCase();
  throw new RangeError(
    `${JSON.stringify(text)} is not an origin such as https://example.org or http://localhost:3000`,
  );
}

/** To Node, an empty address would mean all addresses. */
function parseAddress(text: string): string {
  if (text.trim() !== '') return text;
  throw new RangeError('the address is empty; give one, such as 127.0.0.1 or 0.0.0.0');
}

function parseIdleTimeoutMs(text: string): number {
  const milliseconds = parseDurationMs(text);
  const isValid =
    milliseconds === 0 || (milliseconds >= shortestIdleMs && milliseconds <= longestIdleMs);
  if (isValid) return milliseconds;
  throw new RangeError(`${formatDuration(milliseconds)} is neither 0 nor between 8s and 960s`);
}

function portOption(summary: string, defaultPort: number) {
  return option({
    group: listening,
    argument: 'PORT',
    summary,
    parse: (text) => parseWholeNumber(text, 0, 65_535),
    default: defaultPort,
  });
}

function fileOption(summary: string) {
  return option<string | undefined>({
    group: listening,
    argument: 'FILE',
    summary,
    parse: (text) => text,
    default: undefined,
  });
}

function sizeOption(summary: string, defaultBytes: number, defaultText: string) {
  return option({
    group: limits,
    argument: 'SIZE',
    summary,
    parse: parseMessageBytes,
    default: defaultBytes,
    defaultText,
  });
}

/** uWebSockets.js keeps both limits in 32 bits. */
function parseMessageBytes(text: string): number {
  const bytes = parseSizeBytes(text);
  if (bytes >= 1 && bytes <= 0xffff_ffff) return bytes;
  throw new RangeError(`${JSON.stringify(text)} is not 1B or more and less than 4GiB`);
}
