import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { messageOf } from '../../program/failure.js';
import {
  orAuto,
  parsePositiveNumber,
  parseTimerMs,
  parseWholeNumber,
  timerOfAtLeast,
} from '../../program/quantities.js';
import {
  choiceOption,
  option,
  switchOption,
  type OptionTable,
  type OptionValues,
} from '../../program/option-table.js';
import { type Route, spreads } from '../connection/route.js';
import { parseTargetUrl } from '../connection/target-url.js';
import { clientOptions, findClientContradictions } from './client-options.js';
import type { GreetingExpectation } from './greeting.js';
import type { Rate } from './arrivals.js';
import type { Shard } from './shares.js';

const load = 'Load';
const messages = 'Messages';
const handshake = 'Handshake';
const distribution = 'Processes and addresses';
const output = 'Output';
const operation = 'Operation';

/** Admin port of a generator that stands by, unless told otherwise. */
export const standByPort = 9091;

/** The options of `tidemark loadgen`. */
export const loadgenOptions = {
  connections: option<number>({
    group: load,
    argument: 'N',
    summary: 'connections to open; with --lifetime, the most that are open at once',
    parse: (text) => parseWholeNumber(text, 1),
    default: 1000,
  }),
  rate: option<Rate>({
    group: load,
    argument: 'R|max',
    summary: 'connections started per second; max: as fast as possible',
    parse: parseRate,
    default: 500,
  }),
  connectDelayMillis: option<number | undefined>({
    group: load,
    argument: 'MS',
    summary: 'milliseconds between two connections, instead of --rate (1000/MS per second; 0: max)',
    parse: parseDelayMillis,
    default: undefined,
    camelCaseAlias: true,
  }),
  duration: option<number | undefined>({
    group: load,
    argument: 'DURATION',
    summary: 'end the run after this time, counted from the first connection',
    parse: parseTimerMs,
    default: undefined,
    defaultText: 'until Ctrl-C, unless --hold is given',
  }),
  hold: option<number | undefined>({
    group: load,
    argument: 'DURATION',
    summary: 'end the run this long after all connections have been tried',
    parse: parseTimerMs,
    default: undefined,
    defaultText: 'until --duration is over',
  }),
  deflate: switchOption(messages, 'offer permessage-deflate; it is not offered otherwise'),
  greeting: option<GreetingExpectation>({
    group: handshake,
    argument: 'TEXT',
    summary: 'each connection must get exactly this text first',
    parse: (text) => ({ kind: 'text', text }),
    default: { kind: 'any' },
    defaultText: 'a first message counts as the greeting, but none is required',
    negation: { summary: 'any greeting is a failure', value: { kind: 'none' } },
  }),
  ...clientOptions,
  spread: choiceOption<Route['spread']>({
    group: distribution,
    summary:
      'with several URLs: one connection to each in turn, or all connections of one server before those of the next',
    choices: spreads,
    default: 'even',
  }),
  handshakes: option<number>({
    group: handshake,
    argument: 'N',
    summary: 'most handshakes in flight at once, in all',
    parse: (text) => parseWholeNumber(text, 1),
    default: 512,
  }),
  handshakeTimeout: option<number>({
    group: handshake,
    argument: 'DURATION',
    summary: 'time for the handshake and the greeting of --greeting',
    parse: parsePositiveTimerMs,
    default: 30_000,
    defaultText: '30s',
  }),
  insecure: switchOption(handshake, 'accept certificates that cannot be verified (wss://)'),
  ca: option<string | undefined>({
    group: handshake,
    argument: 'FILE',
    summary: 'certificates (PEM) of who has signed that of the server, besides the well-known ones',
    parse: parseCertificateFile,
    default: undefined,
  }),
  processes: option<number | 'auto'>({
    group: distribution,
    argument: 'auto|N',
    summary: 'generator processes; auto: as many as the open-file limit and the rate ask for',
    parse: orAuto((text) => parseWholeNumber(text, 1, 4096)),
    default: 'auto',
  }),
  sourceIps: option<readonly string[] | 'auto' | undefined>({
    group: distribution,
    argument: 'A,B,C|auto',
    summary: 'local addresses to connect from; auto: all addresses of this machine',
    parse: parseSourceIps,
    default: undefined,
    defaultText: 'fresh loopback addresses for a loopback target, otherwise the kernel chooses',
  }),
  shard: option<Shard>({
    group: distribution,
    argument: 'I/N',
    summary: 'be generator I (0 to N-1) of N that share connections, rates and cap exactly',
    parse: parseShard,
    default: { index: 0, count: 1 },
    defaultText: '0/1',
  }),
  startAt: option<number | undefined>({
    group: distribution,
    argument: 'TIME',
    summary:
      'when the first connection is due, so that shards begin together: ISO 8601 or epoch ms',
    parse: parseMoment,
    default: undefined,
    defaultText: 'now',
  }),
  reportInterval: option<number>({
    group: output,
    argument: 'DURATION',
    summary: 'time between two progress lines, 100ms or more; while nothing changes, a second',
    parse: timerOfAtLeast(100),
    default: 1000,
    defaultText: '1s',
  }),
  json: switchOption(output, 'print the summary as one JSON document'),
  jsonLines: switchOption(output, 'print progress as JSON lines, the summary last'),
  quiet: switchOption(output, 'print no progress for people'),
  linger: option<number>({
    group: operation,
    argument: 'DURATION',
    summary:
      'after the summary, keep the connections of clients that went silent for so long, or until a signal',
    parse: parseTimerMs,
    default: 0,
    defaultText: '0',
  }),
  wait: option<number>({
    group: operation,
    argument: 'DURATION',
    summary:
      'how long the server may take until its name is known and its port accepts connections',
    parse: parseTimerMs,
    default: 0,
    defaultText: '0',
  }),
  standBy: switchOption(
    operation,
    'instead of running now, wait for runs that are asked for at the admin port, as `tidemark bench --generators` does',
  ),
  adminHost: option({
    group: operation,
    argument: 'ADDRESS',
    summary:
      'address of the admin port; who reaches it with --stand-by can have this machine load any server',
    parse: (text) => text,
    default: '127.0.0.1',
  }),
  adminPort: option<number | undefined>({
    group: operation,
    argument: 'PORT',
    summary: 'serve /healthz and /metrics here; 0: any free port',
    parse: (text) => parseWholeNumber(text, 0, 65_535),
    default: undefined,
    defaultText: `none; with --stand-by ${standByPort}`,
  }),
} satisfies OptionTable;

/** Parsed options of `tidemark loadgen`. Durations are in milliseconds, sizes in bytes, `startAt` in epoch milliseconds. */
export type LoadgenOptions = OptionValues<typeof loadgenOptions>;

/** Returns the rate that is asked for, with `--rate` or with `--connect-delay-millis`. */
export function rateOf(options: Pick<LoadgenOptions, 'rate' | 'connectDelayMillis'>): Rate {
  const { rate, connectDelayMillis } = options;
  if (connectDelayMillis === undefined) return rate;
  return connectDelayMillis === 0 ? 'max' : 1000 / connectDelayMillis;
}

/** Returns what is wrong with the target's URL; undefined if nothing is. */
export function findUrlProblem(text: string): string | undefined {
  const url = parseOrUndefined(text);
  const isWebSocket = url?.protocol === 'ws:' || url?.protocol === 'wss:';
  if (url === undefined || !isWebSocket || url.hostname === '') {
    return `${JSON.stringify(text)} is not a URL such as ws://127.0.0.1:8080 or wss://host/path`;
  }
  if (url.hash !== '')
    return `${JSON.stringify(text)} has a fragment, which WebSocket URLs may not`;
  if (url.port === '0') return `${JSON.stringify(text)} has port 0, which nothing can listen on`;
  return undefined;
}

function parseOrUndefined(text: string): URL | undefined {
  try {
    return parseTargetUrl(text);
  } catch {
    // Not a URL: that is the answer.
    return undefined;
  }
}

/** Returns which of the given options contradict each other; `isGiven` tells whether the user gave one. */
export function findContradictions(isGiven: (name: keyof LoadgenOptions) => boolean): string[] {
  const pairs: readonly [keyof LoadgenOptions, keyof LoadgenOptions, string][] = [
    ['rate', 'connectDelayMillis', '--rate and --connect-delay-millis contradict each other'],
    ['json', 'jsonLines', '--json and --json-lines contradict each other'],
  ];
  const found = pairs
    .filter(([one, other]) => isGiven(one) && isGiven(other))
    .map(([, , text]) => text);
  return [...found, ...findClientContradictions(isGiven)];
}

/** Returns problems that only show when the values are taken together. */
export function findConflicts(options: LoadgenOptions): string[] {
  if (options.connections >= options.shard.count) return [];
  return [
    `--shard: ${options.connections} connections can't be shared by ${options.shard.count} generators`,
  ];
}

/** Checks a file of certificates, so that a wrong one is refused before anything starts. */
function parseCertificateFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new RangeError(messageOf(error), { cause: error });
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return path;
  throw new RangeError(`${JSON.stringify(path)} holds no certificate in PEM form`);
}

function parseRate(text: string): Rate {
  if (text === 'max') return 'max';
  try {
    return parsePositiveNumber(text);
  } catch (error) {
    throw new RangeError(`${JSON.stringify(text)} is neither max nor a number greater than 0`, {
      cause: error,
    });
  }
}

function parseDelayMillis(text: string): number {
  return /^0+$/.test(text) ? 0 : parsePositiveNumber(text);
}

function parsePositiveTimerMs(text: string): number {
  const ms = parseTimerMs(text);
  if (ms > 0) return ms;
  throw new RangeError(`${JSON.stringify(text)} has to be longer than 0`);
}

function parseSourceIps(text: string): readonly string[] | 'auto' {
  if (text === 'auto') return 'auto';
  const addresses = text.split(',').map((each) => each.trim());
  const wrong = addresses.filter((each) => isIP(each) === 0);
  if (wrong.length === 0) return addresses;
  throw new RangeError(
    `${wrong.map((each) => JSON.stringify(each)).join(', ')} is not an IP address`,
  );
}

function parseShard(text: string): Shard {
  const [, index = '', count = ''] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (index !== '' && shard.index < shard.count) return shard;
  throw new RangeError(`${JSON.stringify(text)} is not I/N with I from 0 to N-1, such as 0/4`);
}

function parseMoment(text: string): number {
  const epochMs = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(epochMs)) return epochMs;
  throw new RangeError(
    `${JSON.stringify(text)} is neither ISO 8601, such as 2026-01-31T12:00:00Z, nor epoch milliseconds`,
  );
}
