import { createHash, randomBytes } from 'node:crypto';
import { unescape } from 'node:querystring';
import { extension, PerMessageDeflate } from 'ws';
import { readHandshakeResponse, type HandshakeResponse } from './handshake-response.js';

/** RFC 6455, section 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The longest message that is taken from a server, in bytes: that of the `ws` client. */
export const longestMessageBytes = 100 * 1024 * 1024;

/**
 * The opening handshake with one target: the same request for all connections of a process, and the check of what is
 * answered.
 *
 * All connections send the same random key. RFC 6455, section 10.3 wants a fresh one so that a cache or a proxy can't
 * answer for the server; here the answer is still checked against a key that no server knew before this process, and
 * a key per connection was a tenth of the CPU that a connection costs.
 */
export class Handshake {
  /** The request, as it goes over the wire. */
  readonly request: Buffer;
  readonly #accept: string;
  readonly #isDeflateOffered: boolean;
  /** The last response that was accepted: servers say the same thing to the same request, so it is compared first. */
  #lastHead = Buffer.alloc(0);
  #lastResponse: HandshakeResponse = { kind: 'incomplete' };

  constructor(url: URL, isDeflateOffered: boolean) {
    const key = randomBytes(16).toString('base64');
    this.request = Buffer.from(formatRequest(url, key, isDeflateOffered), 'latin1');
    this.#accept = acceptOf(key);
    this.#isDeflateOffered = isDeflateOffered;
  }

  /** Reads the response from the first `length` bytes, all that have come so far. */
  read(bytes: Buffer, length: number): HandshakeResponse {
    const last = this.#lastHead.length;
    if (last > 0 && length >= last && bytes.compare(this.#lastHead, 0, last, 0, last) === 0) {
      return this.#lastResponse;
    }
    const response = readHandshakeResponse(bytes.subarray(0, length), this.#accept);
    if (response.kind !== 'accepted') return response;
    if (response.extensions !== undefined && !this.#isDeflateOffered) return { kind: 'invalid' };
    this.#lastHead = Buffer.from(bytes.subarray(0, response.headBytes));
    this.#lastResponse = response;
    return response;
  }
}

/**
 * Returns the permessage-deflate of one connection, with the parameters that the server chose.
 *
 * @throws {Error} if the header is malformed, or names an extension or a parameter that was not offered
 */
export function negotiateDeflate(extensions: string): PerMessageDeflate {
  const { extensionName } = PerMessageDeflate;
  const { [extensionName]: chosen, ...others } = extension.parse(extensions);
  if (chosen === undefined || Object.keys(others).length > 0) {
    throw new Error(`Cannot use the extensions ${extensions}: only ${extensionName} was offered`);
  }
  const deflate = createDeflate();
  deflate.accept(chosen);
  return deflate;
}

/** Returns what Sec-WebSocket-Accept has to be for a key (RFC 6455, section 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + acceptSuffix)
    .digest('base64');
}

/** Returns the text of a handshake request; it has what that of the `ws` client has. */
export function formatRequest(url: URL, key: string, isDeflateOffered: boolean): string {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
  ];
  if (isDeflateOffered) {
    const offer = { [PerMessageDeflate.extensionName]: createDeflate().offer() };
    lines.push(`Sec-WebSocket-Extensions: ${extension.format(offer)}`);
  }
  if (url.username !== '' || url.password !== '') {
    const login = `${unescape(url.username)}:${unescape(url.password)}`;
    lines.push(`Authorization: Basic ${Buffer.from(login).toString('base64')}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function createDeflate(): PerMessageDeflate {
  return new PerMessageDeflate({ isServer: false, maxPayload: longestMessageBytes });
}
