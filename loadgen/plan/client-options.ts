import { hasControls } from '../connection/template.js';
import { choiceOption, flagOf, option, type OptionValues } from '../../program/option-table.js';
import { parsePositiveNumber, parseSizeBytes, timerOfAtLeast } from '../../program/quantities.js';
import {
  type Expectation,
  expectations,
  type OpeningStep,
  parseAwait,
  parseReply,
  parseSend,
  type Reply,
  textOf,
} from './conversation.js';
import {
  endModes,
  type EndShare,
  parseEnds,
  parsePace,
  parseShare,
  type ReadPace,
} from './behaviour.js';
import { usualLimits } from '../connection/memory-limits.js';
import { type Lifetime, parseLifetime } from './lifetimes.js';
import { headerBytes } from './messages.js';
import { type PresetName, presets } from './presets.js';

const handshake = 'Handshake';
const messages = 'Messages';
const behaviour = 'Behaviour of the clients';
const limits = 'Memory limits';
/** `ws` keeps this limit as a 32-bit number. */
const longestMessageBytes = 1024 ** 3;
const mostBufferedBytes = 1024 ** 4;
/** Storms that come more often than this are churn, which --lifetime is for. */
const shortestStormMs = 1000;
/** Pings that come more often than this are a load in themselves, which --message-rate is for. */
const shortestPingMs = 100;

const placeholders =
  '{index}, {uuid}, {time} and {line:FILE} stand for what each connection has of its own';

/** What the clients say, and how they behave: the same for `loadgen`, `bench` and `diagnose`. */
export const clientOptions = {
  header: option<readonly string[]>({
    group: handshake,
    argument: "'NAME: VALUE'",
    summary: `header of each handshake; may be repeated; ${placeholders}`,
    parse: parseHeader,
    default: [],
    defaultText: 'none',
    repeats: true,
  }),
  cookie: option<string | undefined>({
    group: handshake,
    argument: 'NAME=VALUE',
    summary: 'cookies of each handshake, with placeholders as in --header',
    parse: parseHeaderValue,
    default: undefined,
  }),
  origin: option<string | undefined>({
    group: handshake,
    argument: 'ORIGIN',
    summary: 'Origin of each handshake, as a browser sends it, such as https://app.example',
    parse: parseHeaderValue,
    default: undefined,
  }),
  userAgent: option<string | undefined>({
    group: handshake,
    argument: 'TEXT',
    summary: 'User-Agent of each handshake',
    parse: parseHeaderValue,
    default: undefined,
  }),
  subprotocol: option<readonly string[]>({
    group: handshake,
    argument: 'NAME,…',
    summary: 'subprotocols to offer; a server that chooses another one fails the connection',
    parse: parseSubprotocols,
    default: [],
    defaultText: 'none',
  }),
  preset: choiceOption<PresetName | undefined>({
    group: messages,
    argument: 'NAME',
    summary: `speak this protocol: its path, subprotocol, opening and keep-alive (${Object.keys(presets).join(', ')})`,
    choices: Object.keys(presets) as PresetName[],
    default: undefined,
  }),
  send: option<readonly OpeningStep[]>({
    group: messages,
    argument: 'TEXT|@FILE',
    summary:
      'text that each connection sends as soon as it is open, such as a login; may be repeated, in order; placeholders as in --header',
    parse: parseSend,
    default: [],
    defaultText: 'none',
    repeats: true,
  }),
  await: option<readonly OpeningStep[]>({
    group: messages,
    argument: 'REGEX',
    summary:
      'wait for a message that this fits, after the --send before it and before the one after it; a connection that waits in vain has failed',
    parse: parseAwait,
    default: [],
    defaultText: 'none',
    joins: 'send',
  }),
  reply: option<readonly Reply[]>({
    group: messages,
    argument: "'REGEX=>TEXT'",
    summary:
      'answer each message that this fits with the text, in which $1 is what the first group has found; may be repeated, the first that fits answers',
    parse: parseReply,
    default: [],
    defaultText: 'none',
    repeats: true,
  }),
  ping: option<number | undefined>({
    group: messages,
    argument: 'DURATION',
    summary: 'how often each connection sends a ping',
    parse: timerOfAtLeast(shortestPingMs),
    default: undefined,
    defaultText: 'never',
  }),
  messageRate: option<number | undefined>({
    group: messages,
    argument: 'R',
    summary: 'messages per second, in turn over all open connections',
    parse: parsePositiveNumber,
    default: undefined,
    defaultText: 'no messages',
  }),
  message: option<string | undefined>({
    group: messages,
    argument: 'TEXT|@FILE',
    summary: 'the message, as text; placeholders as in --header',
    parse: parseMessage,
    default: undefined,
    defaultText: 'binary, of --payload-size',
  }),
  payloadSize: option<number>({
    group: messages,
    argument: 'SIZE',
    summary: `size of a binary message, ${headerBytes}B or more; also --message-binary`,
    parse: parsePayloadBytes,
    default: 100,
    defaultText: '100B',
    aliases: ['--message-binary'],
  }),
  expect: choiceOption<Expectation>({
    group: messages,
    summary:
      'what has to come for each message: the same message, any message (its time is taken as well), or nothing',
    choices: expectations,
    default: 'echo',
  }),
  lifetime: option<Lifetime | undefined>({
    group: behaviour,
    argument: 'D|exp:D|uniform:A-B',
    summary:
      'close each connection after this time (fixed, exponential with mean D, or uniform) and replace it; with --hold, from the beginning of the hold',
    parse: parseLifetime,
    default: undefined,
    defaultText: 'open until the end',
  }),
  end: option<readonly EndShare[]>({
    group: behaviour,
    argument: 'MODE|MODE:N,…',
    choices: endModes,
    summary:
      'how clients leave: close (a close handshake), reset (cut off, RST), silent (nothing is said any more, no pong either, but the connection stays); or shares, such as close:80,reset:15,silent:5',
    parse: parseEnds,
    default: parseEnds('close'),
    defaultText: 'close',
  }),
  read: option<ReadPace | undefined>({
    group: behaviour,
    argument: 'paused|slow:SIZE/s',
    summary:
      'how fast clients read once they are ready: not at all, or so much per second; what the server sends beyond that waits in its buffers',
    parse: parsePace,
    default: undefined,
    defaultText: 'as fast as it comes',
  }),
  slow: option<number>({
    group: behaviour,
    argument: 'PERCENT',
    summary: 'how many of the clients --read is about',
    parse: parseShare,
    default: 1,
    defaultText: '100%',
  }),
  maxMessage: limitOption(
    'longest message that is taken from the server, as it comes and inflated; a longer one ends its connection (message_too_large)',
    usualLimits.messageBytes,
    longestMessageBytes,
  ),
  maxUnsent: limitOption(
    'what a connection may have unsent, pongs included, because the server does not read; who has more and is to send is ended (unsent_too_large)',
    usualLimits.unsentBytes,
    mostBufferedBytes,
  ),
  maxBuffered: limitOption(
    'what all connections of a process may have unsent, and of unfinished messages; who takes more is ended (memory_exceeded)',
    usualLimits.totalBytes,
    mostBufferedBytes,
  ),
  storm: option<number | undefined>({
    group: behaviour,
    argument: 'DURATION',
    summary:
      'each time that this is over, all clients leave at once and come back within a tenth of it, as after a deploy; begins with the hold',
    parse: timerOfAtLeast(shortestStormMs),
    default: undefined,
    defaultText: 'never',
  }),
};

/** Parsed {@link clientOptions}. */
export type ClientOptions = OptionValues<typeof clientOptions>;

/** Returns which of the given options contradict each other; `isGiven` tells whether the user gave one. */
export function findClientContradictions(
  isGiven: (name: keyof ClientOptions) => boolean,
): string[] {
  const found = (['message', 'payloadSize', 'expect'] as const)
    .filter((name) => isGiven(name) && !isGiven('messageRate'))
    .map((name) => `${flagOf(name)} has no meaning without --message-rate`);
  if (isGiven('message') && isGiven('payloadSize')) {
    found.push('--message and --payload-size contradict each other');
  }
  if (isGiven('slow') && !isGiven('read')) found.push('--slow has no meaning without --read');
  return found;
}

/** A file that can't be read is refused before anything starts. */
function parseMessage(text: string): string {
  textOf(text);
  return text;
}

function parsePayloadBytes(text: string): number {
  const bytes = parseSizeBytes(text);
  if (bytes >= headerBytes) return bytes;
  throw new RangeError(`${JSON.stringify(text)} is less than ${headerBytes}B`);
}

function limitOption(summary: string, usualBytes: number, mostBytes: number) {
  return option<number>({
    group: limits,
    argument: 'SIZE',
    summary,
    parse: (text) => parseLimitBytes(text, mostBytes),
    default: usualBytes,
    defaultText: `${usualBytes / 1024 ** 2}MiB`,
  });
}

function parseLimitBytes(text: string, mostBytes: number): number {
  const bytes = parseSizeBytes(text);
  if (bytes >= 1 && bytes <= mostBytes) return bytes;
  throw new RangeError(`${JSON.stringify(text)} is not 1B to ${mostBytes / 1024 ** 3}GiB`);
}

/** RFC 9110, section 5.6.2. */
const token = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Headers that the handshake itself sets, and the option for each, if there is one. */
const ownHeaders: Readonly<Record<string, string>> = {
  connection: '',
  upgrade: '',
  'sec-websocket-key': '',
  'sec-websocket-version': '',
  'sec-websocket-accept': '',
  'sec-websocket-protocol': ': use --subprotocol',
  'sec-websocket-extensions': ': use --deflate',
};

function parseHeader(text: string): readonly string[] {
  const [name, value] = splitHeader(text);
  if (!text.includes(':') || !token.test(name)) {
    throw new RangeError(`${JSON.stringify(text)} is not NAME: VALUE`);
  }
  const { [name.toLowerCase()]: way } = ownHeaders;
  if (way !== undefined) throw new RangeError(`${name} belongs to the handshake itself${way}`);
  parseHeaderValue(value);
  return [text];
}

/** Returns the name and value of a header as it was given. */
export function splitHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(':');
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

function parseHeaderValue(text: string): string {
  if (!hasControls(text)) return text;
  throw new RangeError(`${JSON.stringify(text)} has a control character`);
}

function parseSubprotocols(text: string): readonly string[] {
  const names = text.split(',').map((each) => each.trim());
  const wrong = names.find((each) => !token.test(each));
  if (wrong === undefined) return names;
  throw new RangeError(`${JSON.stringify(wrong)} is no name of a subprotocol`);
}
