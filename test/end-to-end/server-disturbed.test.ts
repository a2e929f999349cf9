import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { isAlive, until } from './program.js';
import {
  assertReconciled,
  connect,
  connectMany,
  type RunningServer,
  startServer,
} from './server-process.js';

/** Opens a WebSocket connection by hand that will answer nothing, not even a close. */
async function connectSilently(server: RunningServer): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  // Half-open, or Node would answer the server's FIN with its own.
  const socket = connectTcp({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  assert.match(head.toString('latin1'), /^HTTP\/1\.1 101 /);
  return socket;
}

function errorLines(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('tidemark: '));
}

describe('tidemark server, when a process is killed', () => {
  it('replaces a worker, counts its connections as closed, and goes on', async () => {
    const server = await startServer('--workers', '2');
    const clients = await connectMany(server.url, 50);
    const before = await server.stats();
    const [victim] = before.workers;
    assert.ok(victim);
    const { pid, connections: lost } = victim;
    process.kill(pid, 'SIGKILL');
    await until(async () => (await server.admin('/healthz')).status === 503);
    await until(async () => (await server.admin('/healthz')).status === 200);

    const stats = await server.stats();
    assert.equal(stats.workers_restarted_total, 1);
    assert.equal(stats.connections, 50 - lost);
    assert.equal(stats.connections_opened_total, 50);
    assert.equal(stats.connections_closed_total, lost);
    assert.equal(stats.greetings_sent_total, 50);
    assertReconciled(stats);
    assert.equal(stats.workers.length, 2);
    assert.ok(!stats.workers.some((worker) => worker.pid === pid));
    const isOpen = clients.filter(({ socket }) => socket.readyState === socket.OPEN);
    assert.equal(isOpen.length, 50 - lost);

    const fresh = await connectMany(server.url, 50);
    for (const client of fresh) {
      assert.equal(await client.next(), '{"type":"greeting","message":"hello"}');
    }
    const after = await server.stats();
    assert.equal(after.connections, 100 - lost);
    assert.equal(after.connections_opened_total, 100);
    assertReconciled(after);
    const end = await server.program.stop();
    assert.equal(end.exitStatus, 0, end.stderr);
    assert.deepEqual(errorLines(end.stderr), [
      `tidemark: worker ${pid} was killed by SIGKILL and is replaced`,
    ]);
  });

  it('leaves the port of a worker that was killed to the one that replaces it', async () => {
    const server = await startServer('--workers', '3', '--worker-ports');
    const { worker_urls: urls, worker_pids: pids } = server.document;
    assert.equal(new Set([server.url, ...urls]).size, 4);
    for (const url of urls.slice(0, 2)) await connectMany(url, 10);
    const before = await server.stats();
    assert.deepEqual(
      before.workers.map(({ url, connections }) => [url, connections]),
      urls.map((url, index) => [url, index < 2 ? 10 : 0]),
    );
    process.kill(pids[0] ?? 0, 'SIGKILL');
    await until(async () => {
      const { workers, workers_restarted_total: restarted } = await server.stats();
      return restarted === 1 && workers.length === 3;
    });
    for (const url of urls) await connectMany(url, 5);
    const after = await server.stats();
    assert.deepEqual(
      urls.map((url) => after.workers.find((worker) => worker.url === url)?.connections),
      [5, 15, 5],
    );
    assertReconciled(after);
    assert.equal((await server.program.stop()).exitStatus, 0);
  });

  it('leaves no worker behind when the supervisor is killed', async () => {
    const server = await startServer('--workers', '3');
    await connectMany(server.url, 10);
    const pids = server.document.worker_pids;
    assert.equal(pids.filter(isAlive).length, 3);
    server.program.child.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
    assert.equal((await server.program.exit).signal, 'SIGKILL');
  });
});

describe('tidemark server, told to stop', () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`closes every connection with 1001 on ${signal} and ends with status 0`, async () => {
      const server = await startServer('--workers', '2');
      const clients = await connectMany(server.url, 20);
      server.program.child.kill(signal);
      const codes = await Promise.all(clients.map((client) => client.closed));
      assert.deepEqual(new Set(codes), new Set([1001]));
      const end = await server.program.exit;
      assert.equal(end.exitStatus, 0, end.stderr);
      assert.deepEqual(errorLines(end.stderr), []);
      assert.match(end.stderr, new RegExp(`^Closing all connections \\(${signal}\\)$`, 'm'));
      assert.ok(!server.document.worker_pids.some(isAlive));
    });
  }

  it('accepts no connection while it waits for others to close', async () => {
    const server = await startServer();
    const silent = await connectSilently(server);
    const client = await connect(server.url);
    server.program.child.kill('SIGTERM');
    assert.equal(await client.closed, 1001);
    await assert.rejects(connect(server.url), /ECONNREFUSED/);
    silent.destroy();
    assert.equal((await server.program.exit).exitStatus, 0);
  });

  it('cuts connections that do not close within --shutdown-timeout, and says how many', async () => {
    const server = await startServer('--shutdown-timeout', '500ms');
    const silent = await Promise.all([connectSilently(server), connectSilently(server)]);
    const client = await connect(server.url);
    server.program.child.kill('SIGTERM');
    assert.equal(await client.closed, 1001);
    const end = await server.program.exit;
    for (const socket of silent) socket.destroy();
    assert.equal(end.exitStatus, 1, end.stderr);
    assert.deepEqual(errorLines(end.stderr), [
      "tidemark: 2 connections did not close within the shutdown's time limit and were cut; --shutdown-timeout sets it",
    ]);
    assert.ok(!server.document.worker_pids.some(isAlive));
  });

  it('ends at once on a second signal', async () => {
    const server = await startServer('--shutdown-timeout', '1h');
    const silent = await connectSilently(server);
    server.program.child.kill('SIGINT');
    await until(() => server.program.stderr().includes('Closing all connections (SIGINT)'));
    server.program.child.kill('SIGINT');
    assert.equal((await server.program.exit).exitStatus, 1);
    await until(() => !server.document.worker_pids.some(isAlive));
    silent.destroy();
  });
});

describe('tidemark server, when a worker is frozen', () => {
  it('is unhealthy and names it, tells how old its figures are, and recovers with it', async (t) => {
    const server = await startServer('--workers', '2');
    const { workers } = await server.stats();
    const [frozen] = workers;
    assert.ok(frozen);
    t.after(() => {
      if (isAlive(frozen.pid)) process.kill(frozen.pid, 'SIGCONT');
    });
    process.kill(frozen.pid, 'SIGSTOP');
    await until(async () => (await server.admin('/healthz')).status === 503);
    const answer = await (await server.admin('/healthz')).text();
    assert.match(answer, new RegExp(`^worker ${frozen.pid} has not reported for \\d+s\n$`));
    const stale = (await server.stats()).workers.find(({ pid }) => pid === frozen.pid);
    assert.ok((stale?.report_age_s ?? 0) > 3);
    process.kill(frozen.pid, 'SIGCONT');
    await until(async () => (await server.admin('/healthz')).status === 200);
    server.program.child.kill('SIGTERM');
    await server.program.exit;
  });
});
