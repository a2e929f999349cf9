import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maskArguments, maskSecrets, toJson } from './secrets.js';

describe('maskSecrets()', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['ws://127.0.0.1:8080/chat', 'ws://127.0.0.1:8080/chat'],
    ['wss://bob:pa55@host/x', 'wss://***@host/x'],
    ['wss://bob:p@55@host:1/x', 'wss://***@host:1/x'],
    ['wss://t0ken@host', 'wss://***@host'],
    ['ws://host/x?token=abc&room=7', 'ws://host/x?token=***&room=***'],
    ['ws://host?eyJhbGciOiJIUzI1NiJ9', 'ws://host?***'],
    ['ws://host?debug', 'ws://host?debug'],
    [
      'Nothing listens at wss://u:p@host:1/?t=s (ECONNREFUSED): start it',
      'Nothing listens at wss://***@host:1/?t=*** (ECONNREFUSED): start it',
    ],
    ['node server.js --token=abc --port 1', 'node server.js --token=*** --port 1'],
    ['node server.js --api-key "a b" --port 1', 'node server.js --api-key *** --port 1'],
    ['DB_PASSWORD=hunter2 node server.js', 'DB_PASSWORD=*** node server.js'],
    ["curl -H 'Authorization: Bearer abc' x", "curl -H 'Authorization: ***' x"],
    ['--header=Cookie: sid=1; theme=2', '--header=Cookie: ***'],
    ["SyntaxError: Unexpected token '='", "SyntaxError: Unexpected token '='"],
    ['no secret, no password here', 'no secret, no password here'],
  ];
  for (const [text, masked] of cases) {
    it(`writes ${text} as ${masked}`, () => {
      assert.equal(maskSecrets(text), masked);
    });
  }
});

describe('maskArguments()', () => {
  it('masks the value of --cookie, however it is written', () => {
    assert.deepEqual(maskArguments(['bench', '--cookie', 'sid=1', '--waves', '2']), [
      'bench',
      '--cookie',
      '***',
      '--waves',
      '2',
    ]);
    assert.deepEqual(maskArguments(['--cookie=sid=1', 'rest']), ['--cookie=***', 'rest']);
  });

  it('masks what gives access in the others', () => {
    assert.deepEqual(maskArguments(['--header', 'Authorization: Bearer x', '--url=ws://a:b@h']), [
      '--header',
      'Authorization: ***',
      '--url=ws://***@h',
    ]);
  });
});

describe('toJson()', () => {
  it('masks each text of a document, however deep, and nothing else', () => {
    const document = { url: 'ws://a:b@c', list: [{ of: 'x?token=1' }], count: 3, none: undefined };
    assert.equal(toJson(document), '{"url":"ws://***@c","list":[{"of":"x?token=***"}],"count":3}');
    assert.equal(toJson({ env: { API_TOKEN: 'x' } }), '{"env":{"API_TOKEN":"***"}}');
    assert.equal(toJson({ a: 1 }, 2), '{\n  "a": 1\n}');
  });
});
