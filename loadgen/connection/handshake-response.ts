import { foreignText } from '../../program/foreign-text.js';

/** What the bytes say that a server answered the opening handshake with. */
export type HandshakeResponse =
  /** More bytes are needed. */
  | { readonly kind: 'incomplete' }
  /** The connection is open. What follows the first `headBytes` bytes belongs to the WebSocket stream. */
  | {
      readonly kind: 'accepted';
      readonly headBytes: number;
      /** The value of Sec-WebSocket-Extensions; undefined if there is none. */
      readonly extensions: string | undefined;
    }
  /** An HTTP response with a status other than 101. */
  | { readonly kind: 'rejected'; readonly status: number; readonly detail: string }
  /** Not HTTP/1, or not the answer that RFC 6455, section 4.1 asks for; the detail says what is wrong, if it is known. */
  | { readonly kind: 'invalid'; readonly detail?: string };

/** What a request has offered, of which a server may choose. */
export interface Offer {
  readonly subprotocols: readonly string[];
  /** Whether permessage-deflate was offered. */
  readonly hasExtensions: boolean;
}

/** The longest response header that is read, in bytes: Node's own limit (`--max-http-header-size`). */
export const longestHeadBytes = 16 * 1024;

/** Longest part of a refusal that is quoted, in characters. */
const longestQuote = 120;

const incomplete = { kind: 'incomplete' } as const;
const invalid = { kind: 'invalid' } as const;

const start = 'HTTP/1.';
const statusLine = /^HTTP\/1\.[01] (\d{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/;
/** RFC 9110, section 5: a token, a colon, and a value without control characters. */
const headerLine = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;

/**
 * Reads the response to an opening handshake from the bytes that have come so far. `expectedAccept` is what
 * Sec-WebSocket-Accept has to be.
 */
export function readHandshakeResponse(
  bytes: Buffer,
  expectedAccept: string,
  offer: Offer,
): HandshakeResponse {
  let from = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', from, 'latin1');
    if (end < 0 || end + 4 > longestHeadBytes) return judgeStart(bytes, from);
    const [first = '', ...lines] = bytes.toString('latin1', from, end).split('\r\n');
    const status = Number(statusLine.exec(first)?.[1]);
    const headers = parseHeaders(lines);
    if (Number.isNaN(status) || headers === undefined) return invalid;
    if (status === 101) return judgeSwitch(headers, end + 4, expectedAccept, offer);
    if (status < 100) return invalid;
    if (status >= 200) {
      const body = bytes.toString('utf8', end + 4);
      return { kind: 'rejected', status, detail: describeRefusal(first, headers, body) };
    }
    // An interim response (RFC 9110, section 15.2): the one that counts is still to come.
    from = end + 4;
  }
}

/** Says what was answered: `HTTP 401 Unauthorized: no token`, `HTTP 302 Found, to https://…`. */
function describeRefusal(
  statusLineText: string,
  headers: ReadonlyMap<string, string>,
  body: string,
): string {
  const status = foreignText(statusLineText.replace(/^HTTP\/1\.\d/, 'HTTP'), longestQuote);
  const location = headers.get('location');
  if (location !== undefined) return `${status}, to ${foreignText(location, longestQuote)}`;
  const isText = /^(text\/plain|application\/(problem\+)?json)\b/.test(
    headers.get('content-type')?.toLowerCase() ?? 'text/plain',
  );
  // A body that is sent in chunks begins with its length (RFC 9112, section 7.1).
  const plainBody = headers.has('transfer-encoding') ? body.replace(/^[\da-f]+\r\n/i, '') : body;
  const [line = ''] = plainBody.trimStart().split(/[\r\n]/);
  return isText && line !== '' ? `${status}: ${foreignText(line, longestQuote)}` : status;
}

/** Judges a header whose end has not come, so that neither garbage nor an endless header is waited for. */
function judgeStart(bytes: Buffer, from: number): HandshakeResponse {
  if (bytes.length >= longestHeadBytes) return invalid;
  const begun = bytes.toString('latin1', from, from + start.length);
  return start.startsWith(begun) ? incomplete : invalid;
}

/** Returns the headers by lower-case name, repeated ones joined; undefined if a line is none. */
function parseHeaders(lines: readonly string[]): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = headerLine.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value.trimEnd() : `${before}, ${value.trimEnd()}`);
  }
  return headers;
}

/** Judges a response with status 101 by RFC 6455, section 4.1. */
function judgeSwitch(
  headers: ReadonlyMap<string, string>,
  headBytes: number,
  expectedAccept: string,
  offer: Offer,
): HandshakeResponse {
  const connection = headers
    .get('connection')
    ?.toLowerCase()
    .split(/[ \t]*,[ \t]*/);
  const isUpgraded =
    headers.get('upgrade')?.toLowerCase() === 'websocket' &&
    connection?.includes('upgrade') === true;
  if (!isUpgraded) return wrong('no upgrade to websocket');
  if (headers.get('sec-websocket-accept') !== expectedAccept) {
    return wrong('a Sec-WebSocket-Accept that does not answer the key');
  }
  const subprotocol = headers.get('sec-websocket-protocol');
  if (subprotocol !== undefined && !offer.subprotocols.includes(subprotocol)) {
    return wrong(`the subprotocol ${quote(subprotocol)}, which was not offered`);
  }
  const extensions = headers.get('sec-websocket-extensions');
  if (extensions !== undefined && !offer.hasExtensions) {
    return wrong(`the extension ${quote(extensions)}, which was not offered`);
  }
  return { kind: 'accepted', headBytes, extensions };
}

function wrong(what: string): HandshakeResponse {
  return { kind: 'invalid', detail: `HTTP 101 with ${what}` };
}

function quote(text: string): string {
  return foreignText(JSON.stringify(text), longestQuote);
}
