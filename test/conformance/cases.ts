import { deflateRawSync } from 'node:zlib';
import { type ClientFrame, closePayload, encodeFrame, opcodes } from './frame.js';
import { handshakeRequest } from './raw-connection.js';

/** What a server has to do about what it was sent. */
export type Expectation =
  /** Sends these messages, each in one piece or several, and stays open. */
  | { readonly kind: 'messages'; readonly messages: readonly Message[] }
  /** Answers pings with these pongs, and stays open. */
  | { readonly kind: 'pongs'; readonly payloads: readonly (Buffer | string)[] }
  /** Closes with one of these codes; an empty close frame is code 1005, and none at all 1006. */
  | { readonly kind: 'close'; readonly codes: readonly number[] }
  /** Answers the handshake with one of these statuses. */
  | { readonly kind: 'status'; readonly statuses: readonly number[] };

/** A message, as it is once its frames are put together. */
export interface Message {
  readonly opcode: number;
  readonly payload: Buffer | string;
}

/** One rule of RFC 6455 or 7692, and how it is tried. */
export interface ConformanceCase {
  /** Section of RFC 6455, or of RFC 7692 with that before it. */
  readonly section: string;
  /** What the server has to do. */
  readonly name: string;
  /** The request, if it is no ordinary one. */
  readonly request?: string;
  /** Sent after the handshake, each by itself. */
  readonly send?: readonly Buffer[];
  /** Whether the client offers permessage-deflate, so that the server has to have it. */
  readonly isDeflated?: boolean;
  readonly expect: Expectation;
}

/** Largest message that the servers are told to take, in bytes. */
export const mostPayloadBytes = 16 * 1024;

const { continuation, text, binary, close, ping, pong } = opcodes;
const protocolError = { kind: 'close', codes: [1002] } as const;
const invalidText = { kind: 'close', codes: [1007] } as const;
const long = Buffer.alloc(1000, 'x');

/** Names each frame after what it is, so that the table of cases can be read. */
const frame = (opcode: number, payload: Buffer | string = '', more: Partial<ClientFrame> = {}) =>
  encodeFrame({ opcode, payload, ...more });
const part = (opcode: number, payload: Buffer | string) =>
  frame(opcode, payload, { isFinal: false });
const echoes = (...messages: readonly Message[]): Expectation => ({ kind: 'messages', messages });
const refuses = (...statuses: readonly number[]): Expectation => ({ kind: 'status', statuses });

const handshake: readonly ConformanceCase[] = [
  {
    section: '4.2.2',
    name: 'accepts a handshake, and proves that it has read the key',
    send: [frame(text, 'hello')],
    expect: echoes({ opcode: text, payload: 'hello' }),
  },
  {
    section: '4.2.1',
    name: 'takes header names and the token websocket in any case',
    request: handshakeRequest({ Upgrade: undefined, UPGRADE: 'WebSocket' }),
    expect: refuses(101),
  },
  {
    section: '4.2.1',
    name: 'takes Connection with more tokens than Upgrade',
    request: handshakeRequest({ Connection: 'keep-alive, Upgrade' }),
    expect: refuses(101),
  },
  {
    section: '4.2.1',
    name: 'opens no connection without Upgrade',
    request: handshakeRequest({ Upgrade: undefined, Connection: undefined }),
    expect: refuses(200, 400, 404, 405, 426),
  },
  {
    section: '4.2.1',
    name: 'opens no connection without Upgrade in Connection',
    request: handshakeRequest({ Connection: 'keep-alive' }),
    expect: refuses(400, 426),
  },
  {
    section: '4.2.1',
    name: 'opens no connection without Sec-WebSocket-Key',
    request: handshakeRequest({ 'Sec-WebSocket-Key': undefined }),
    expect: refuses(400, 404, 426),
  },
  {
    section: '4.2.1',
    name: 'opens no connection for a key that is no 16 bytes',
    request: handshakeRequest({ 'Sec-WebSocket-Key': 'c2hvcnQ=' }),
    expect: refuses(400, 426),
  },
  {
    section: '4.2.1',
    name: 'opens no connection by POST',
    request: handshakeRequest({ 'Content-Length': '0' }, 'POST / HTTP/1.1'),
    expect: refuses(400, 404, 405, 426),
  },
  {
    section: '4.4',
    name: 'opens no connection of another version',
    request: handshakeRequest({ 'Sec-WebSocket-Version': '99' }),
    expect: refuses(400, 426),
  },
  {
    section: '4.2.2',
    name: 'answers nonsense instead of HTTP with an error, or not at all',
    request: 'nonsense\r\n\r\n',
    expect: refuses(400, 0),
  },
];

const framing: readonly ConformanceCase[] = [
  ...[0, 1, 125, 126, 127, 1000, mostPayloadBytes].map((length): ConformanceCase => {
    const payload = Buffer.alloc(length, 'a');
    return {
      section: '5.2',
      name: `echoes ${length} bytes`,
      send: [frame(binary, payload)],
      expect: echoes({ opcode: binary, payload }),
    };
  }),
  {
    section: '5.2',
    name: 'echoes a frame that comes byte by byte',
    send: [...frame(text, 'slowly')].map((byte) => Buffer.from([byte])),
    expect: echoes({ opcode: text, payload: 'slowly' }),
  },
  {
    section: '5.2',
    name: 'echoes several frames that come at once, in order',
    send: [Buffer.concat([frame(text, 'a'), frame(binary, 'b'), frame(text, 'c')])],
    expect: echoes(
      { opcode: text, payload: 'a' },
      { opcode: binary, payload: 'b' },
      { opcode: text, payload: 'c' },
    ),
  },
  {
    section: '5.1',
    name: 'fails a connection whose client does not mask',
    send: [frame(text, 'hello', { isMasked: false })],
    expect: protocolError,
  },
  ...[1, 2, 4].map((reserved): ConformanceCase => ({
    section: '5.2',
    name: `fails for the reserved bit RSV${4 - Math.ceil(Math.log2(reserved + 1))} that nobody has agreed on`,
    send: [frame(text, 'hello', { reserved })],
    expect: protocolError,
  })),
  ...[3, 7, 11, 15].map((opcode): ConformanceCase => ({
    section: '5.2',
    name: `fails for the reserved opcode ${opcode}`,
    send: [frame(opcode, 'x')],
    expect: protocolError,
  })),
  {
    section: '5.2',
    name: 'fails for a length with its highest bit set',
    send: [frame(binary, '', { lengthBytes: 8, claimedLength: 2n ** 63n })],
    expect: { kind: 'close', codes: [1002, 1009] },
  },
];

const fragmentation: readonly ConformanceCase[] = [
  {
    section: '5.4',
    name: 'echoes a message in three fragments as one',
    send: [part(text, 'one '), part(continuation, 'two '), frame(continuation, 'three')],
    expect: echoes({ opcode: text, payload: 'one two three' }),
  },
  {
    section: '5.4',
    name: 'takes empty fragments',
    send: [part(text, ''), part(continuation, ''), frame(continuation, 'end')],
    expect: echoes({ opcode: text, payload: 'end' }),
  },
  {
    section: '5.4',
    name: 'answers a ping between fragments at once',
    send: [part(text, 'one '), frame(ping, 'now')],
    expect: { kind: 'pongs', payloads: ['now'] },
  },
  {
    section: '5.4',
    name: 'fails for a continuation of nothing',
    send: [frame(continuation, 'x')],
    expect: protocolError,
  },
  {
    section: '5.4',
    name: 'fails for a new message before the end of the last one',
    send: [part(text, 'one'), frame(text, 'two')],
    expect: protocolError,
  },
  {
    section: '5.4',
    name: 'fails for a new binary message before the end of the last one',
    send: [part(binary, 'one'), frame(binary, 'two')],
    expect: protocolError,
  },
  ...(
    [
      ['text', text],
      ['binary', binary],
    ] as const
  ).map(([name, opcode]): ConformanceCase => ({
    section: '5.4',
    name: `fails for a new ${name} message before the end of the last one, after a ping`,
    send: [part(text, 'one'), frame(ping, 'between'), frame(opcode, 'two')],
    expect: protocolError,
  })),
];

const control: readonly ConformanceCase[] = [
  ...['', 'hello', Buffer.alloc(125, 1)].map((payload): ConformanceCase => ({
    section: '5.5.2',
    name: `answers a ping of ${payload.length} bytes with a pong of the same`,
    send: [frame(ping, payload)],
    expect: { kind: 'pongs', payloads: [payload] },
  })),
  {
    section: '5.5.3',
    name: 'takes a pong that nobody has asked for',
    send: [frame(pong, 'unasked'), frame(text, 'hello')],
    expect: echoes({ opcode: text, payload: 'hello' }),
  },
  {
    section: '5.5',
    name: 'fails for a ping of 126 bytes',
    send: [frame(ping, Buffer.alloc(126))],
    expect: protocolError,
  },
  {
    section: '5.5',
    name: 'fails for a ping in fragments',
    send: [part(ping, 'x')],
    expect: protocolError,
  },
  {
    section: '5.5',
    name: 'fails for a close frame of 126 bytes',
    send: [frame(close, closePayload(1000, Buffer.alloc(124, 'x')))],
    expect: protocolError,
  },
];

const text8: readonly ConformanceCase[] = [
  ...['ascii', 'Grüße', '€ 𝄞 𐍈', '\u{0}\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}'].map(
    (payload): ConformanceCase => ({
      section: '8.1',
      name: `echoes valid UTF-8: ${JSON.stringify(payload.replaceAll('\u{0}', ''))}`,
      send: [frame(text, payload)],
      expect: echoes({ opcode: text, payload }),
    }),
  ),
  {
    section: '8.1',
    name: 'takes a character that is divided between fragments',
    send: [part(text, Buffer.from([0xe2, 0x82])), frame(continuation, Buffer.from([0xac]))],
    expect: echoes({ opcode: text, payload: '€' }),
  },
  ...(
    [
      ['a lone continuation byte', [0x80]],
      ['an overlong slash', [0xc0, 0xaf]],
      ['a surrogate', [0xed, 0xa0, 0x80]],
      ['a code point beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
      ['a character that is cut', [0xe2, 0x82]],
      ['the byte 0xFF', [0xff]],
    ] as const
  ).map(([name, bytes]): ConformanceCase => ({
    section: '8.1',
    name: `fails for text with ${name}`,
    send: [frame(text, Buffer.from(bytes))],
    expect: invalidText,
  })),
  {
    section: '8.1',
    name: 'fails for text that is cut at the end of its last fragment',
    send: [part(text, 'ok'), frame(continuation, Buffer.from([0xe2, 0x82]))],
    expect: invalidText,
  },
  {
    section: '5.6',
    name: 'takes any bytes as binary',
    send: [frame(binary, Buffer.from([0xff, 0xfe, 0xc0, 0xaf]))],
    expect: echoes({ opcode: binary, payload: Buffer.from([0xff, 0xfe, 0xc0, 0xaf]) }),
  },
];

const closing: readonly ConformanceCase[] = [
  {
    section: '5.5.1',
    name: 'answers an empty close frame with a close frame',
    send: [frame(close)],
    expect: { kind: 'close', codes: [1000, 1005] },
  },
  ...[1000, 1001, 1003, 1007, 1011, 3000, 4999].map((code): ConformanceCase => ({
    section: '7.4',
    name: `answers a close with ${code} by the same, or by 1000`,
    send: [frame(close, closePayload(code, 'bye'))],
    expect: { kind: 'close', codes: [code, 1000] },
  })),
  ...[0, 999, 1004, 1005, 1006, 1015, 2999].map((code): ConformanceCase => ({
    section: '7.4',
    name: `fails for a close with ${code}, which may not be sent`,
    send: [frame(close, closePayload(code))],
    expect: protocolError,
  })),
  {
    section: '5.5.1',
    name: 'fails for a close frame of one byte',
    send: [frame(close, Buffer.from([3]))],
    expect: protocolError,
  },
  {
    section: '5.5.1',
    name: 'fails for a close reason that is no UTF-8',
    send: [frame(close, closePayload(1000, Buffer.from([0xff])))],
    expect: { kind: 'close', codes: [1002, 1007] },
  },
  {
    section: '5.5.1',
    name: 'sends nothing after its close frame',
    send: [Buffer.concat([frame(close, closePayload(1000)), frame(text, 'too late')])],
    expect: { kind: 'close', codes: [1000] },
  },
];

const limits: readonly ConformanceCase[] = [
  {
    section: '7.4.1',
    name: `closes with 1009 for a message of ${mostPayloadBytes + 1} bytes`,
    send: [frame(binary, Buffer.alloc(mostPayloadBytes + 1))],
    expect: { kind: 'close', codes: [1009] },
  },
  {
    section: '7.4.1',
    name: 'closes with 1009 for fragments that are too long together',
    send: [
      part(binary, Buffer.alloc(mostPayloadBytes)),
      frame(continuation, Buffer.alloc(mostPayloadBytes)),
    ],
    expect: { kind: 'close', codes: [1009] },
  },
  {
    section: '10.4',
    name: 'does not wait for a payload that is announced to be too long',
    send: [frame(binary, '', { lengthBytes: 8, claimedLength: 2n ** 40n })],
    expect: { kind: 'close', codes: [1009] },
  },
];

/** Compresses a message as section 7.2.1 of RFC 7692 says: without the four bytes at the end of a flush. */
function deflated(payload: Buffer | string): Buffer {
  const bytes = deflateRawSync(payload, { finishFlush: 2 });
  return bytes.subarray(0, bytes.length - 4);
}

const compression: readonly ConformanceCase[] = [
  {
    section: 'RFC 7692, 7.2.2',
    name: 'inflates a message',
    isDeflated: true,
    send: [frame(text, deflated(long), { reserved: 4 })],
    expect: echoes({ opcode: text, payload: long }),
  },
  {
    section: 'RFC 7692, 7.2.2',
    name: 'inflates a message in fragments, of which only the first is marked',
    isDeflated: true,
    send: [
      frame(text, deflated(long).subarray(0, 3), { reserved: 4, isFinal: false }),
      frame(continuation, deflated(long).subarray(3)),
    ],
    expect: echoes({ opcode: text, payload: long }),
  },
  {
    section: 'RFC 7692, 6',
    name: 'takes a message that is not compressed',
    isDeflated: true,
    send: [frame(text, 'plain')],
    expect: echoes({ opcode: text, payload: 'plain' }),
  },
  {
    section: 'RFC 7692, 7.2.2',
    name: 'fails for a message that can’t be inflated',
    isDeflated: true,
    send: [frame(binary, Buffer.alloc(20, 0xff), { reserved: 4 })],
    expect: { kind: 'close', codes: [1002, 1003, 1007, 1011] },
  },
  {
    section: 'RFC 7692, 8',
    name: 'closes with 1009 for a small message that inflates to more than the limit',
    isDeflated: true,
    send: [frame(binary, deflated(Buffer.alloc(1_000_000)), { reserved: 4 })],
    expect: { kind: 'close', codes: [1009] },
  },
  {
    section: 'RFC 7692, 6',
    name: 'fails for a continuation that is marked as compressed',
    isDeflated: true,
    send: [part(text, 'a'), frame(continuation, 'b', { reserved: 4 })],
    expect: protocolError,
  },
  {
    section: 'RFC 7692, 6.1',
    name: 'fails for a ping that is marked as compressed',
    isDeflated: true,
    send: [frame(ping, 'x', { reserved: 4 })],
    expect: protocolError,
  },
];

/** Every case, in the order of the table. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...handshake,
  ...framing,
  ...fragmentation,
  ...control,
  ...text8,
  ...closing,
  ...limits,
  ...compression,
];
