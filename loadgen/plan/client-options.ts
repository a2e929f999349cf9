import { requestTargetOf } from '../connection/handshake.js';
import { hasControls, namesFile, Template } from '../connection/template.js';
import { flagOf, option, type OptionValues } from '../../program/option-table.js';
import {
  parseChoice,
  parsePositiveNumber,
  parseSizeBytes,
  timerOfAtLeast,
} from '../../program/quantities.js';
import {
  type ConversationPlan,
  type Expectation,
  expectations,
  formatReply,
  type OpeningStep,
  parseAwait,
  parseReply,
  parseSend,
  type Reply,
  textOf,
  type TrafficPlan,
} from './conversation.js';
import {
  type Behaviour,
  type EndShare,
  formatEnds,
  formatPace,
  parseEnds,
  parsePace,
  parseShare,
  type ReadPace,
} from './behaviour.js';
import { formatLifetime, type Lifetime, parseLifetime } from './lifetimes.js';
import { headerBytes } from './messages.js';
import { type PresetName, presets } from './presets.js';

const handshake = 'Handshake';
const messages = 'Messages';
const behaviour = 'Behaviour of the clients';
/** Storms that come more often than this are churn, which --lifetime is for. */
const shortestStormMs = 1000;
/** A connection that pings more often than this is a load of its own, which --message-rate is for. */
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
  preset: option<PresetName | undefined>({
    group: messages,
    argument: 'NAME',
    summary: `speak this protocol: its path, subprotocol, opening and keep-alive (${Object.keys(presets).join(', ')})`,
    parse: (text) => parseChoice(text, Object.keys(presets) as PresetName[]),
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
  expect: option<Expectation>({
    group: messages,
    argument: expectations.join('|'),
    summary:
      'what has to come for each message: the same message, any message (its time is taken as well), or nothing',
    parse: (text) => parseChoice(text, expectations),
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

/** Returns the headers that the options ask for, as templates. */
export function headersOf(options: ClientOptions): (readonly [name: string, value: string])[] {
  const { header, cookie, origin, userAgent } = options;
  const single = { Cookie: cookie, Origin: origin, 'User-Agent': userAgent };
  return [
    ...header.map(splitHeader),
    ...Object.entries(single).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  ];
}

/** Returns the subprotocols to offer: those of the user, or else those of the preset. */
export function subprotocolsOf({ subprotocol, preset }: ClientOptions): readonly string[] {
  if (subprotocol.length > 0 || preset === undefined) return subprotocol;
  return presets[preset].subprotocols;
}

/**
 * Returns what each connection says: first the opening of the preset, then that of the user, whose replies come before
 * those of the preset.
 * @throws {RangeError} if a file can't be read.
 */
export function conversationOf(options: ClientOptions): ConversationPlan {
  const preset = options.preset === undefined ? undefined : presets[options.preset];
  return {
    opening: [
      ...(preset?.opening ?? []),
      ...options.send.map((step) =>
        step.kind === 'send' ? { ...step, text: textOf(step.text) } : step,
      ),
    ],
    replies: [...options.reply, ...(preset?.replies ?? [])],
    pingMs: options.ping,
  };
}

/**
 * Returns the messages that the options ask for; undefined if they ask for none.
 * @throws {RangeError} if a file can't be read.
 */
export function trafficOf(options: ClientOptions): TrafficPlan | undefined {
  const { messageRate, message, payloadSize, expect } = options;
  if (messageRate === undefined) return undefined;
  return {
    ratePerSecond: messageRate,
    expectation: expect,
    message: message === undefined ? payloadSize : textOf(message),
  };
}

/** Returns how the clients behave; `isHeld` tells whether the run has a hold of a length of its own. */
export function behaviourOf(options: ClientOptions, isHeld: boolean): Behaviour {
  const { end, read, slow, lifetime, storm } = options;
  return {
    ends: end,
    pace: read,
    slowShare: slow,
    lifetime,
    stormMs: storm,
    churnsInHold: isHeld,
  };
}

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

/** Tells whether the options name a file that only this machine has. */
export function nameFiles(url: string, options: ClientOptions): boolean {
  const given = [...options.send, ...options.reply].flatMap((each) =>
    'text' in each ? [each.text] : [],
  );
  if (options.message !== undefined) given.push(options.message);
  const texts = [url, ...given, ...headersOf(options).map(([, value]) => value)];
  return texts.some(namesFile) || given.some((text) => text.startsWith('@'));
}

/** Tells whether all clients end by a close handshake. */
export function hasPoliteEnds({ end }: ClientOptions): boolean {
  return end.every(({ mode }) => mode === 'close');
}

/** Tells whether some clients leave without a word, so that their connections stay open. */
export function hasSilentEnds({ end }: ClientOptions): boolean {
  return end.some(({ mode }) => mode === 'silent');
}

/** Returns the options as arguments of another `tidemark loadgen`. */
export function clientArguments(options: ClientOptions): string[] {
  const list = (name: keyof ClientOptions, texts: readonly string[]): string[] =>
    texts.map((text) => `${flagOf(name)}=${text}`);
  const { messageRate, message, payloadSize, subprotocol, ping, lifetime, read, storm } = options;
  return [
    ...list('header', options.header),
    ...(['cookie', 'origin', 'userAgent', 'preset'] as const).flatMap((name) =>
      options[name] === undefined ? [] : list(name, [options[name]]),
    ),
    ...(subprotocol.length === 0 ? [] : list('subprotocol', [subprotocol.join()])),
    ...options.send.flatMap((step) => {
      if (step.kind === 'send binary') return [];
      return step.kind === 'send' ? list('send', [step.text]) : list('await', [step.pattern]);
    }),
    ...list('reply', options.reply.map(formatReply)),
    ...(ping === undefined ? [] : list('ping', [`${ping}ms`])),
    ...(messageRate === undefined
      ? []
      : [
          ...list('messageRate', [String(messageRate)]),
          ...list('expect', [options.expect]),
          ...(message === undefined
            ? list('payloadSize', [`${payloadSize}B`])
            : list('message', [message])),
        ]),
    ...(lifetime === undefined ? [] : list('lifetime', [formatLifetime(lifetime)])),
    ...(hasPoliteEnds(options) ? [] : list('end', [formatEnds(options.end)])),
    ...(read === undefined
      ? []
      : [...list('read', [formatPace(read)]), ...list('slow', [`${options.slow * 100}%`])]),
    ...(storm === undefined ? [] : list('storm', [`${storm}ms`])),
  ];
}

/**
 * Returns what is wrong with the placeholders of an address and of the headers: files that can't be read, or that have
 * fewer lines than there are connections at once.
 */
export function findTemplateProblems(
  url: string,
  options: ClientOptions,
  connections: number,
): string[] {
  const { opening, replies } = conversationOf(options);
  const message = trafficOf(options)?.message;
  const texts = [
    requestTargetOf(url),
    ...headersOf(options).map(([, value]) => value),
    ...[...opening, ...replies].flatMap((each) => ('text' in each ? [each.text] : [])),
    ...(typeof message === 'string' ? [message] : []),
  ];
  return texts.filter(namesFile).flatMap((text) => {
    try {
      const { distinctLines } = new Template(text);
      if (distinctLines >= connections) return [];
      return [
        `${JSON.stringify(text)} has ${distinctLines} lines for ${connections} connections: each needs its own`,
      ];
    } catch (error) {
      if (error instanceof RangeError) return [`${JSON.stringify(text)}: ${error.message}`];
      throw error;
    }
  });
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

/** RFC 9110, section 5.6.2. */
const token = /^[!#$%&'*+.^_`|~\w-]+$/;

/** What the handshake itself is made of, and the option that says it, if there is one. */
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

function splitHeader(text: string): [name: string, value: string] {
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
