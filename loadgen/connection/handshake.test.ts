import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptOf, formatRequest, Handshake, negotiateDeflate } from './handshake.js';

describe('acceptOf()', () => {
  it('answers the key of RFC 6455, section 1.3', () => {
    assert.equal(acceptOf('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });
});

describe('formatRequest()', () => {
  const rest = [
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: key',
    'Connection: Upgrade',
    'Upgrade: websocket',
  ];
  const cases: [string, boolean, string[]][] = [
    [
      'ws://tide.example:8080/a%20b?c=d',
      false,
      ['GET /a%20b?c=d HTTP/1.1', 'Host: tide.example:8080', ...rest],
    ],
    ['ws://tide.example:80', false, ['GET / HTTP/1.1', 'Host: tide.example', ...rest]],
    ['wss://[::1]:443/', false, ['GET / HTTP/1.1', 'Host: [::1]', ...rest]],
    [
      'ws://[::1]:9/',
      true,
      [
        'GET / HTTP/1.1',
        'Host: [::1]:9',
        ...rest,
        'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
      ],
    ],
    [
      'ws://ann:p%40ss@h/',
      false,
      ['GET / HTTP/1.1', 'Host: h', ...rest, 'Authorization: Basic YW5uOnBAc3M='],
    ],
  ];
  for (const [url, isDeflateOffered, lines] of cases) {
    it(`asks for ${url}${isDeflateOffered ? ' with deflate' : ''}`, () => {
      const text = formatRequest(new URL(url), 'key', isDeflateOffered);
      assert.equal(text, `${lines.join('\r\n')}\r\n\r\n`);
    });
  }
});

describe('negotiateDeflate()', () => {
  const wrong = [
    'x-webkit-deflate-frame',
    'permessage-deflate, other',
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate; server_max_window_bits=16',
    'permessage-deflate; colour=blue',
    'permessage-deflate;;',
    '',
  ];
  for (const header of wrong) {
    it(`throws at "${header}"`, () => {
      assert.throws(() => negotiateDeflate(header));
    });
  }

  for (const header of [
    'permessage-deflate',
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    'permessage-deflate; client_max_window_bits=9; server_max_window_bits=10',
  ]) {
    it(`takes "${header}"`, () => {
      negotiateDeflate(header).cleanup();
    });
  }
});

describe('Handshake', () => {
  /** Answers the request of a handshake as a server does. */
  function answer(handshake: Handshake, ...more: string[]): Buffer {
    const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(handshake.request.toString())?.[1] ?? '';
    const lines = ['HTTP/1.1 101 x', 'Upgrade: websocket', 'Connection: upgrade', ...more];
    return Buffer.from(`${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`);
  }

  it('reads each response for itself, whatever came before', () => {
    const handshake = new Handshake(new URL('ws://h/'), true);
    const plain = answer(handshake);
    const deflate = answer(handshake, 'Sec-WebSocket-Extensions: permessage-deflate');
    const wrong = Buffer.from(plain.toString().replace('Accept: ', 'Accept: x'));
    const isPlain = { kind: 'accepted', headBytes: plain.length, extensions: undefined };
    const isDeflate = {
      kind: 'accepted',
      headBytes: deflate.length,
      extensions: 'permessage-deflate',
    };
    for (let round = 0; round < 2; round++) {
      assert.deepEqual(handshake.read(plain, plain.length), isPlain);
      assert.deepEqual(handshake.read(plain, plain.length), isPlain);
      assert.deepEqual(handshake.read(plain, plain.length - 1), { kind: 'incomplete' });
      assert.deepEqual(handshake.read(wrong, wrong.length), { kind: 'invalid' });
      const longer = Buffer.concat([plain, Buffer.from('\x81\x00', 'latin1')]);
      assert.deepEqual(handshake.read(longer, longer.length), isPlain);
      assert.deepEqual(handshake.read(deflate, deflate.length), isDeflate);
    }
  });

  it('finds an extension that was not offered invalid', () => {
    const handshake = new Handshake(new URL('ws://h/'), false);
    const response = answer(handshake, 'Sec-WebSocket-Extensions: permessage-deflate');
    assert.deepEqual(handshake.read(response, response.length), { kind: 'invalid' });
  });
});
