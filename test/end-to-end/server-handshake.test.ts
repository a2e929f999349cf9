import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { describe, it } from 'node:test';
import { connect, startServer } from './server-process.js';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const complete: Readonly<Record<string, string | undefined>> = {
  Host: 'here',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': key,
};

/** Sends a handshake by hand, with these headers instead of others; undefined leaves one out. Returns the status of the answer. */
async function statusOf(
  url: string,
  changes: Readonly<Record<string, string | undefined>>,
  path = '/',
): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  const lines = Object.entries({ ...complete, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  );
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(head.toString('latin1'))?.[1]);
}

describe('tidemark server: handshakes that are not whole', () => {
  const cases: [string, Record<string, string | undefined>, number][] = [
    ['a whole one', {}, 101],
    ['Connection: keep-alive, Upgrade', { Connection: 'keep-alive, Upgrade' }, 101],
    ['no Connection', { Connection: undefined }, 400],
    ['Connection: keep-alive', { Connection: 'keep-alive' }, 400],
    ['Connection: upgraded', { Connection: 'upgraded' }, 400],
    ['a key of 15 bytes', { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') }, 400],
    ['a key of 17 bytes', { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') }, 400],
    ['a key of 18 bytes', { 'Sec-WebSocket-Key': Buffer.alloc(18).toString('base64') }, 400],
    ['a key without its padding', { 'Sec-WebSocket-Key': key.slice(0, -2) }, 400],
    ['24 letters that are not base64', { 'Sec-WebSocket-Key': `!${key.slice(1)}` }, 400],
    ['no key', { 'Sec-WebSocket-Key': undefined }, 400],
    ['version 8', { 'Sec-WebSocket-Version': '8' }, 426],
    ['another protocol', { Upgrade: 'h2c' }, 426],
  ];
  it('answers each with its status, and opens no connection for it', async () => {
    const server = await startServer();
    for (const [name, changes, status] of cases) {
      assert.equal(await statusOf(server.url, changes), status, name);
    }
    assert.equal((await server.stats()).connections_opened_total, 2);
  });

  it('answers 431 to an address above 16 KiB, and serves on', async () => {
    const server = await startServer();
    for (const bytes of [16 * 1024 + 1, 64 * 1024]) {
      assert.equal(await statusOf(server.url, {}, `/${'a'.repeat(bytes)}`), 431);
    }
    assert.equal((await server.stats()).connections_opened_total, 0);
    await connect(server.url);
  });
});
