import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { makeCertificate } from './make-certificate.js';
import { isMissing, until } from './program.js';
import { assertReconciled, connect, type RunningServer, startServer } from './server-process.js';

/** A ping of the longest payload that it may have (RFC 6455, section 5.5), masked with zeros. */
const ping = Buffer.concat([Buffer.from([0x89, 0x80 | 125, 0, 0, 0, 0]), Buffer.alloc(125)]);
const manyPings = Buffer.concat(Array.from({ length: 500 }, () => ping));

/** Far more than the kernel holds for a connection that is not read: 10 MB or so each way on loopback. */
const mostBytes = 200e6;

/** Opens a connection by hand that reads nothing after the handshake. */
async function connectDeaf(t: TestContext, url: string): Promise<Socket> {
  const { hostname, port, protocol } = new URL(url);
  const to = { host: hostname, port: Number(port), rejectUnauthorized: false };
  const socket = protocol === 'wss:' ? connectTls(to) : connectTcp(to);
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, protocol === 'wss:' ? 'secureConnect' : 'connect');
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  assert.match(head.toString('latin1'), /^HTTP\/1\.1 101 /);
  socket.pause();
  return socket;
}

/** Sends pings as fast as they are taken, until the socket is closed; fails if it takes them all. */
async function flood(socket: Socket): Promise<void> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (let sent = 0; !socket.destroyed; sent += manyPings.length) {
    assert.ok(sent < mostBytes, 'the server takes pings without end');
    const isTaken = socket.write(manyPings);
    // A socket that is stuck stays so until the server resets it.
    if (isTaken) {
      // Otherwise this process would not notice that the socket is closed.
      await new Promise(setImmediate);
      continue;
    }
    await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
  }
}

async function assertClosedOnce(server: RunningServer, count: number): Promise<void> {
  await until(async () => (await server.stats()).connections === 1);
  const stats = await server.stats();
  assert.equal(stats.backpressure_closed_total, count);
  assert.equal(stats.connections_closed_total, count);
  assertReconciled(stats);
}

describe('tidemark server: clients that ping and do not read the pongs', () => {
  it('closes each at --max-backpressure, and counts it once', async (t) => {
    const server = await startServer('--max-backpressure', '64KiB');
    const reader = await connect(server.url);
    await reader.next();
    for (const count of [1, 2]) {
      await flood(await connectDeaf(t, server.url));
      await assertClosedOnce(server, count);
    }
    reader.socket.send('still here');
    assert.equal(await reader.next(), 'still here');
  });

  it('does so over TLS', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-tls-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    makeCertificate(cert, key);
    const server = await startServer('--tls-cert', cert, '--tls-key', key);
    await connect(server.url, { rejectUnauthorized: false });
    await flood(await connectDeaf(t, server.url));
    await assertClosedOnce(server, 1);
  });

  it('cuts one at --max-backpressure-total, and none that reads', async (t) => {
    const limits = ['--max-backpressure', '1GiB', '--max-backpressure-total', '1MiB'];
    const server = await startServer(...limits);
    const reader = await connect(server.url);
    await reader.next();
    await flood(await connectDeaf(t, server.url));
    await assertClosedOnce(server, 1);
    reader.socket.ping();
    await once(reader.socket, 'pong');
    assert.equal((await server.stats()).connections, 1);
  });
});
