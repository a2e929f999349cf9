import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { acceptOf, Handshake, type HandshakeDemand } from './handshake.js';

describe('acceptOf()', () => {
  it('answers the key of RFC 6455, section 1.3', () => {
    assert.equal(acceptOf('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });
});

function demand(url: string, more: Partial<HandshakeDemand> = {}): HandshakeDemand {
  return { url, isDeflateOffered: false, headers: [], subprotocols: [], ...more };
}

/** What is written; with `isSlow` only some time after it was given. */
class Written extends Writable {
  readonly texts: string[] = [];
  readonly #isSlow: boolean;

  constructor(isSlow = false) {
    super({ decodeStrings: true });
    this.#isSlow = isSlow;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    const write = (): void => {
      this.texts.push(chunk.toString('latin1'));
      done();
    };
    if (this.#isSlow) setImmediate(write);
    else write();
  }
}

describe('Handshake.send()', () => {
  const anyKey = '0123456789abcdefABCDEF==';
  const key = `Sec-WebSocket-Key: ${anyKey}`;
  const rest = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const offersDeflate = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits';
  const cases: [string, HandshakeDemand, string[]][] = [
    [
      'path, query and port',
      demand('ws://tide.example:8080/a%20b?c=d'),
      ['GET /a%20b?c=d HTTP/1.1', key, 'Host: tide.example:8080', ...rest],
    ],
    [
      'the port of the scheme',
      demand('ws://tide.example:80'),
      ['GET / HTTP/1.1', key, 'Host: tide.example', ...rest],
    ],
    ['IPv6', demand('wss://[::1]:443/'), ['GET / HTTP/1.1', key, 'Host: [::1]', ...rest]],
    [
      'deflate',
      demand('ws://[::1]:9/', { isDeflateOffered: true }),
      ['GET / HTTP/1.1', key, 'Host: [::1]:9', ...rest, offersDeflate],
    ],
    [
      'a login',
      demand('ws://ann:p%40ss@h/'),
      ['GET / HTTP/1.1', key, 'Host: h', 'Authorization: Basic YW5uOnBAc3M=', ...rest],
    ],
    [
      'headers and subprotocols, which replace the own ones',
      demand('ws://ann@h/', {
        headers: [
          ['authorization', 'Bearer x'],
          ['HOST', 'tenant.example'],
        ],
        subprotocols: ['chat', 'mqtt'],
      }),
      [
        'GET / HTTP/1.1',
        key,
        ...rest,
        'authorization: Bearer x',
        'HOST: tenant.example',
        'Sec-WebSocket-Protocol: chat, mqtt',
      ],
    ],
    [
      'placeholders, encoded in the address and as they are in headers',
      demand('ws://h/room/{index}?again={index}', { headers: [['X-User', 'u{index} {"a":1}']] }),
      ['GET /room/7?again=7 HTTP/1.1', key, 'Host: h', ...rest, 'X-User: u7 {"a":1}'],
    ],
  ];
  for (const [name, asked, lines] of cases) {
    it(`has ${name}`, () => {
      const written = new Written();
      new Handshake(asked).send(written, 7, anyKey);
      assert.deepEqual(written.texts, [`${lines.join('\r\n')}\r\n\r\n`]);
    });
  }

  it('leaves a request alone that is still to be written', async () => {
    const handshake = new Handshake(demand('ws://h'));
    const [slow, quick] = [new Written(true), new Written()];
    const keys = Array.from({ length: 3 }, () => handshake.makeKey());
    handshake.send(slow, 0, keys[0] ?? '');
    handshake.send(quick, 1, keys[1] ?? '');
    handshake.send(quick, 2, keys[2] ?? '');
    await once(slow.end(), 'finish');
    const sent = [...slow.texts, ...quick.texts].map((text) => /Key: (.*)\r/.exec(text)?.[1]);
    assert.deepEqual(sent, keys);
  });
});

describe('Handshake.makeKey()', () => {
  it('makes keys of 16 bytes, each another one, over many blocks', () => {
    const handshake = new Handshake(demand('ws://h/'));
    const keys = new Set(Array.from({ length: 2000 }, () => handshake.makeKey()));
    assert.equal(keys.size, 2000);
    for (const key of keys) assert.equal(Buffer.from(key, 'base64').length, 16);
  });
});

describe('Handshake.read()', () => {
  /** Answers a key as a server does. */
  function answer(key: string, ...more: string[]): Buffer {
    const lines = ['HTTP/1.1 101 x', 'Upgrade: websocket', 'Connection: upgrade'];
    lines.push(`Sec-WebSocket-Accept: ${acceptOf(key)}`, ...more);
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  }

  it('reads each response for itself, whatever came before', () => {
    const handshake = new Handshake(demand('ws://h/', { isDeflateOffered: true }));
    for (let round = 0; round < 3; round++) {
      const [key, other] = [handshake.makeKey(), handshake.makeKey()];
      const plain = answer(key);
      const deflate = answer(other, 'Sec-WebSocket-Extensions: permessage-deflate');
      const isPlain = { kind: 'accepted', headBytes: plain.length, extensions: undefined };
      const isDeflate = {
        kind: 'accepted',
        headBytes: deflate.length,
        extensions: 'permessage-deflate',
      };
      assert.deepEqual(handshake.read(plain, plain.length, key), isPlain);
      assert.deepEqual(handshake.read(plain, plain.length - 1, key), { kind: 'incomplete' });
      const longer = Buffer.concat([plain, Buffer.from('\x81\x00', 'latin1')]);
      assert.deepEqual(handshake.read(longer, longer.length, key), isPlain);
      assert.deepEqual(handshake.read(deflate, deflate.length, other), isDeflate);
    }
  });

  it('finds the answer to the key of another connection invalid', () => {
    const handshake = new Handshake(demand('ws://h/'));
    const [key, other] = [handshake.makeKey(), handshake.makeKey()];
    const own = answer(key);
    const foreign = answer(other);
    assert.equal(handshake.read(own, own.length, key).kind, 'accepted');
    assert.deepEqual(handshake.read(foreign, foreign.length, key), {
      kind: 'invalid',
      detail: 'HTTP 101 with a Sec-WebSocket-Accept that does not answer the key',
    });
  });

  it('finds an extension that was not offered invalid', () => {
    const handshake = new Handshake(demand('ws://h/'));
    const key = handshake.makeKey();
    const response = answer(key, 'Sec-WebSocket-Extensions: permessage-deflate');
    assert.deepEqual(handshake.read(response, response.length, key), {
      kind: 'invalid',
      detail: 'HTTP 101 with the extension "permessage-deflate", which was not offered',
    });
  });
});
