import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { describe, it } from 'node:test';
import type { ClientOptions } from 'ws';
import { until } from './program.js';
import {
  assertReconciled,
  type Client,
  connect,
  refusalStatus,
  startServer,
} from './server-process.js';

/** Tries to open many connections at once; returns those that were opened, and fails unless all others were refused with 429. */
async function tryMany(url: string, count: number, options?: ClientOptions): Promise<Client[]> {
  const tries = await Promise.allSettled(
    Array.from({ length: count }, () => connect(url, options)),
  );
  for (const attempt of tries) {
    if (attempt.status === 'rejected') assert.match(String(attempt.reason), /response: 429/);
  }
  return tries.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
}

describe('tidemark server --max-per-address', () => {
  it('admits exactly so many of an address over all workers, and answers 429 to more', async () => {
    const server = await startServer('--workers', '3', '--max-per-address', '7');
    const opened = await tryMany(server.url, 40);
    assert.equal(opened.length, 7);
    const others = await tryMany(server.url, 40, { localAddress: '127.0.0.2' });
    assert.equal(others.length, 7);
    const stats = await server.stats();
    assert.equal(stats.connections, 14);
    assert.equal(stats.address_refused_total, 66);
    assert.equal(stats.connections_refused_total, 0);
    assertReconciled(stats);
    assert.match(
      await (await server.admin('/metrics')).text(),
      /^tidemark_server_address_refused_total 66$/m,
    );
    for (const client of [...opened, ...others]) {
      assert.equal(await client.next(), '{"type":"greeting","message":"hello"}');
    }
  });

  it('admits another when one has left, however it left', async () => {
    const server = await startServer('--workers', '2', '--max-per-address', '2');
    const [first, second] = await tryMany(server.url, 2);
    assert.equal(await refusalStatus(server.url), 429);
    first?.socket.close();
    await until(async () => (await tryMany(server.url, 1)).length === 1);
    second?.socket.terminate();
    await until(async () => (await tryMany(server.url, 1)).length === 1);
    assert.equal(await refusalStatus(server.url), 429);
  });

  it('gives back the places of a worker that has died', async () => {
    const server = await startServer('--workers', '2', '--max-per-address', '20');
    assert.equal((await tryMany(server.url, 20)).length, 20);
    const [victim] = (await server.stats()).workers;
    assert.ok(victim);
    process.kill(victim.pid, 'SIGKILL');
    await until(async () => (await server.stats()).workers_restarted_total === 1);
    await until(async () => (await server.admin('/healthz')).status === 200);
    assert.equal((await tryMany(server.url, 40)).length, victim.connections);
  });

  it('gives back the places of clients that are gone before they are answered', async () => {
    const server = await startServer('--max-per-address', '3');
    const { hostname, port } = new URL(server.url);
    for (let tries = 0; tries < 100; tries++) {
      const socket = connectTcp(Number(port), hostname).on('error', () => undefined);
      await once(socket, 'connect');
      const key = randomBytes(16).toString('base64');
      socket.write(
        `GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      );
      setImmediate(() => socket.resetAndDestroy());
      await once(socket, 'close');
    }
    await until(async () => (await server.stats()).connections === 0);
    assert.equal((await tryMany(server.url, 10)).length, 3);
  });

  it('counts an IPv4 client of an IPv6 listener by its IPv4 address', async (t) => {
    const server = await startServer('--host', '::', '--max-per-address', '1');
    const { port } = new URL(server.url);
    const ofSix = await connect(`ws://[::1]:${port}`).catch(() => undefined);
    if (ofSix === undefined) {
      t.skip('IPv6 is off here');
      return;
    }
    await connect(`ws://127.0.0.1:${port}`);
    assert.equal(await refusalStatus(`ws://127.0.0.1:${port}`), 429);
    await connect(`ws://127.0.0.1:${port}`, { localAddress: '127.0.0.2' });
    assert.equal(await refusalStatus(`ws://[::1]:${port}`), 429);
  });

  it('leaves addresses alone where it is not given', async () => {
    const server = await startServer();
    assert.equal((await tryMany(server.url, 50)).length, 50);
    assert.equal((await server.stats()).address_refused_total, 0);
  });
});
