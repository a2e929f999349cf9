import { readFileSync } from 'node:fs';
import { hasControls, namesFile, Template } from '../connection/template.js';
import { requestTargetOf } from '../connection/handshake.js';
import { messageOf } from '../../program/failure.js';
import { flagOf, option, type OptionValues } from '../../program/option-table.js';

const handshake = 'Handshake';
const placeholders =
  '{index}, {uuid}, {time} and {line:FILE} stand for what each connection has of its own';

/** What the clients say when they connect and first: the same for `loadgen`, `bench` and `diagnose`. Each value is kept as text. */
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
  send: option<readonly string[]>({
    group: 'Messages',
    argument: 'TEXT|@FILE',
    summary:
      'text that each connection sends as soon as it is open, such as a login; may be repeated, in order; placeholders as in --header',
    parse: parseMessage,
    default: [],
    defaultText: 'none',
    repeats: true,
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

/**
 * Returns the texts that each connection sends first, as templates.
 * @throws {RangeError} if a file can't be read.
 */
export function openingMessagesOf({ send }: Pick<ClientOptions, 'send'>): readonly string[] {
  return send.map((text) => (text.startsWith('@') ? readMessage(text.slice(1)) : text));
}

/** Tells whether the options name a file that only this machine has. */
export function nameFiles(url: string, options: ClientOptions): boolean {
  const texts = [url, ...options.send, ...headersOf(options).map(([, value]) => value)];
  return texts.some(namesFile) || options.send.some((text) => text.startsWith('@'));
}

/** Returns the options as arguments of another `tidemark loadgen`. */
export function clientArguments(options: ClientOptions): string[] {
  return (Object.keys(clientOptions) as (keyof ClientOptions)[]).flatMap((name) => {
    const { [name]: value } = options;
    if (value === undefined) return [];
    const texts = typeof value === 'string' ? [value] : value;
    if (texts.length === 0) return [];
    const given = name === 'subprotocol' ? [texts.join()] : texts;
    return given.map((text) => `${flagOf(name)}=${text}`);
  });
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
  const texts = [
    requestTargetOf(url),
    ...headersOf(options).map(([, value]) => value),
    ...openingMessagesOf(options),
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

/** Looks into a file, so that one that can't be read is refused before anything starts. */
function parseMessage(text: string): readonly string[] {
  if (text.startsWith('@')) readMessage(text.slice(1));
  return [text];
}

function readMessage(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new RangeError(messageOf(error), { cause: error });
  }
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
