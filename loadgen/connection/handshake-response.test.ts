import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readHandshakeResponse, type HandshakeResponse } from './handshake-response.js';

const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const lines = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${accept}`,
];

function textOf(...some: readonly string[]): string {
  return `${some.join('\r\n')}\r\n\r\n`;
}

const offer = { subprotocols: ['chat', 'mqtt'], hasExtensions: true };

function read(text: string): HandshakeResponse {
  return readHandshakeResponse(Buffer.from(text, 'latin1'), accept, offer);
}

const good = textOf(...lines);
const accepted = (headBytes: number, extensions?: string): HandshakeResponse => ({
  kind: 'accepted',
  headBytes,
  extensions,
});

const invalidFor = (what: string): HandshakeResponse => ({
  kind: 'invalid',
  detail: `HTTP 101 with ${what}`,
});

describe('readHandshakeResponse()', () => {
  const [status = '', ...headers] = lines;
  const deflate = 'permessage-deflate; client_max_window_bits=12';
  const cases: [string, string, HandshakeResponse][] = [
    ['takes what RFC 6455 asks for', good, accepted(good.length)],
    ['leaves what follows to the stream', `${good}\x81\x02hi`, accepted(good.length)],
    [
      'ignores the case of names and of Upgrade and Connection',
      textOf(status, 'uPGRADE: WebSocket', 'CONNECTION:upGRADE', ...headers.slice(2)),
      accepted(good.length - 1),
    ],
    [
      'finds Upgrade among other options of Connection',
      textOf(status, 'Upgrade: websocket', 'Connection: keep-alive , Upgrade', ...headers.slice(2)),
      accepted(good.length + 'keep-alive , '.length),
    ],
    [
      'ignores spaces around a value',
      textOf(...lines.slice(0, 3), `Sec-WebSocket-Accept:\t  ${accept} \t`),
      accepted(good.length + 4),
    ],
    [
      'returns the extensions, joined',
      textOf(...lines, `Sec-WebSocket-Extensions: ${deflate}`, 'sec-websocket-extensions: x'),
      accepted(good.length + 27 + deflate.length + 30, `${deflate}, x`),
    ],
    [
      'waits for the answer after an interim one',
      `${textOf('HTTP/1.1 103 Early Hints', 'Link: <x>')}${good}`,
      accepted(good.length + 39),
    ],
    ['needs more after an interim answer', textOf('HTTP/1.1 100 Continue'), { kind: 'incomplete' }],
    ['needs more when nothing has come', '', { kind: 'incomplete' }],
    [
      'rejects 404',
      textOf('HTTP/1.1 404 Not Found', 'A: b'),
      { kind: 'rejected', status: 404, detail: 'HTTP 404 Not Found' },
    ],
    [
      'rejects 200 without a phrase',
      textOf('HTTP/1.0 200'),
      { kind: 'rejected', status: 200, detail: 'HTTP 200' },
    ],
    [
      'quotes the first line of what a refusal says',
      `${textOf('HTTP/1.1 401 Unauthorized', 'Content-Type: text/plain')}no\u001b[2J token\nmore`,
      { kind: 'rejected', status: 401, detail: 'HTTP 401 Unauthorized: no token' },
    ],
    [
      'quotes no page',
      `${textOf('HTTP/1.1 403 Forbidden', 'Content-Type: text/html')}<html>`,
      { kind: 'rejected', status: 403, detail: 'HTTP 403 Forbidden' },
    ],
    [
      'quotes a body that comes in chunks without their lengths',
      `${textOf('HTTP/1.1 429 Slow Down', 'Transfer-Encoding: chunked')}4\r\nwait\r\n0\r\n\r\n`,
      { kind: 'rejected', status: 429, detail: 'HTTP 429 Slow Down: wait' },
    ],
    [
      'says where a redirect leads',
      textOf('HTTP/1.1 302 Found', 'Location: https://elsewhere/'),
      { kind: 'rejected', status: 302, detail: 'HTTP 302 Found, to https://elsewhere/' },
    ],
    [
      'finds another key invalid',
      good.replace(accept, 'c29tZXRoaW5n'),
      invalidFor('a Sec-WebSocket-Accept that does not answer the key'),
    ],
    [
      'finds a missing Upgrade invalid',
      good.replace('Upgrade:', 'Up:'),
      invalidFor('no upgrade to websocket'),
    ],
    [
      'finds a missing Connection invalid',
      good.replace('Connection:', 'C:'),
      invalidFor('no upgrade to websocket'),
    ],
    [
      'finds a missing key invalid',
      textOf(...lines.slice(0, 3)),
      invalidFor('a Sec-WebSocket-Accept that does not answer the key'),
    ],
    [
      'finds a key twice invalid',
      textOf(...lines, lines[3] ?? ''),
      invalidFor('a Sec-WebSocket-Accept that does not answer the key'),
    ],
    [
      'finds a subprotocol invalid that was not offered, and escapes it',
      textOf(...lines, 'Sec-WebSocket-Protocol: x\t"'),
      invalidFor('the subprotocol "x\\t\\"", which was not offered'),
    ],
    [
      'takes a subprotocol that was offered',
      textOf(...lines, 'Sec-WebSocket-Protocol: mqtt'),
      accepted(good.length + 30),
    ],
    ['finds garbage invalid at once', 'SSH-2.0-OpenSSH_9.6', { kind: 'invalid' }],
    ['finds a TLS alert invalid at once', '\x15\x03\x01\x00\x02\x02\x46', { kind: 'invalid' }],
    ['finds a broken header line invalid', textOf(...lines, 'no colon'), { kind: 'invalid' }],
    ['finds a broken status invalid', textOf('HTTP/1.1 1O1 x', ...headers), { kind: 'invalid' }],
    [
      'finds 16 KiB without an end invalid',
      `HTTP/1.1 101 x\r\nA: ${'b'.repeat(16 * 1024)}`,
      { kind: 'invalid' },
    ],
    [
      'finds more than 16 KiB with an end invalid',
      textOf(...lines, `A: ${'b'.repeat(16 * 1024)}`),
      { kind: 'invalid' },
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(name, () => {
      assert.deepEqual(read(text), expected);
    });
  }

  it('needs more for every beginning of a good response', () => {
    for (let length = 0; length < good.length; length++) {
      assert.deepEqual(read(good.slice(0, length)), { kind: 'incomplete' });
    }
  });

  it('takes any bytes without throwing, and never accepts what lacks the key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isHttp) => {
        const start = isHttp ? `${status}\r\n` : '';
        const all = Buffer.concat([Buffer.from(start), bytes, Buffer.from('\r\n\r\n')]);
        assert.notEqual(readHandshakeResponse(all, accept, offer).kind, 'accepted');
      }),
    );
  });
});
