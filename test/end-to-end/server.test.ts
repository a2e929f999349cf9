import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import type { ServerCounts } from '../../server/documents.js';
import { describeBinding } from '../../server/native-binding.js';
import { runProgram, until } from './program.js';
import {
  assertReconciled,
  connect,
  connectMany,
  oneWorker,
  refusalStatus,
  startServer,
} from './server-process.js';

const compressible = 'a tide comes in, a tide goes out; '.repeat(300);

function countsOf(counts: ServerCounts): number[] {
  return [
    counts.connections,
    counts.connections_opened_total,
    counts.connections_closed_total,
    counts.connections_refused_total,
    counts.greetings_sent_total,
    counts.messages_received_total,
    counts.messages_echoed_total,
    counts.backpressure_closed_total,
  ];
}

describe('tidemark server: greeting and echo', () => {
  const greetings: [string, string[], string | undefined][] = [
    ['the default', [], '{"type":"greeting","message":"hello"}'],
    ['none', ['--no-greeting'], undefined],
    ['an empty frame', ['--greeting', ''], ''],
    ['a text, beyond ASCII', ['--greeting', 'Ebbe & Flut – ☾'], 'Ebbe & Flut – ☾'],
  ];
  for (const [name, args, greeting] of greetings) {
    it(`greets with ${name}, then echoes text as text and binary as binary`, async () => {
      const server = await startServer(...args);
      const client = await connect(server.url);
      // Without a greeting the echo comes first, which proves that there was none.
      client.socket.send('ping');
      if (greeting !== undefined) assert.equal(await client.next(), greeting);
      assert.equal(await client.next(), 'ping');
      const bytes = randomBytes(1000);
      client.socket.send(bytes);
      assert.deepEqual(await client.next(), bytes);
      client.socket.send('');
      assert.equal(await client.next(), '');
      client.socket.send(Buffer.alloc(0));
      assert.deepEqual(await client.next(), Buffer.alloc(0));
      client.socket.close(1000);
      assert.equal(await client.closed, 1000);
      await until(async () => (await server.stats()).connections === 0);
      const greeted = greeting === undefined ? 0 : 1;
      assert.deepEqual(countsOf(await server.stats()), [0, 1, 1, 0, greeted, 4, 4, 0]);
      const end = await server.program.stop();
      assert.equal(end.exitStatus, 0, end.stderr);
    });
  }

  for (const mode of ['off', 'shared', 'dedicated-4kb']) {
    for (const deflate of [false, true]) {
      const offers = deflate ? 'offers' : 'does not offer';
      it(`with --compression ${mode} serves a client that ${offers} permessage-deflate`, async () => {
        const server = await startServer('--compression', mode, '--greeting', 'hello hello hello');
        // Each message is compressed, however short.
        const perMessageDeflate = deflate ? { threshold: 0 } : false;
        const client = await connect(server.url, { perMessageDeflate });
        const isNegotiated = client.socket.extensions.startsWith('permessage-deflate');
        assert.equal(isNegotiated, deflate && mode !== 'off', client.socket.extensions);
        assert.equal(await client.next(), 'hello hello hello');
        const messages = ['ping', compressible, randomBytes(3000), 'ping', compressible, ''];
        for (const message of messages) client.socket.send(message);
        for (const message of messages) assert.deepEqual(await client.next(), message);
      });
    }
  }
});

describe('tidemark server: limits', () => {
  it('closes a connection whose message is over --max-payload, and no other', async () => {
    const server = await startServer('--max-payload', '100', '--no-greeting');
    const [first, second] = await Promise.all([connect(server.url), connect(server.url)]);
    first.socket.send('x'.repeat(100));
    assert.equal(await first.next(), 'x'.repeat(100));
    first.socket.send('x'.repeat(101));
    // uWebSockets.js cuts the connection, without a close frame, which clients report as 1006; 1009 would be as right.
    assert.ok([1006, 1009].includes(await first.closed));
    second.socket.send('still here');
    assert.equal(await second.next(), 'still here');
    assert.deepEqual(countsOf(await server.stats()), [1, 2, 1, 0, 0, 2, 2, 0]);
  });

  it('answers 503 over --max-connections, counts that, and admits again when one leaves', async () => {
    const server = await startServer('--max-connections', '2');
    const [first, second] = await Promise.all([connect(server.url), connect(server.url)]);
    assert.equal(await refusalStatus(server.url), 503);
    assert.deepEqual(countsOf(await server.stats()), [2, 2, 0, 1, 2, 0, 0, 0]);
    first.socket.close();
    await until(async () => (await server.stats()).connections === 1);
    const third = await connect(server.url);
    assert.equal(await third.next(), '{"type":"greeting","message":"hello"}');
    assert.equal(second.socket.readyState, second.socket.OPEN);
    assert.deepEqual(countsOf(await server.stats()), [2, 3, 1, 1, 3, 0, 0, 0]);
  });

  it('closes a connection whose client does not read, and counts that', async () => {
    const args = ['--max-backpressure', '64KiB', '--max-payload', '1MiB', '--no-greeting'];
    const server = await startServer(...args);
    const client = await connect(server.url);
    client.socket.pause();
    const payload = randomBytes(1024 * 1024);
    await until(async () => {
      if (client.socket.bufferedAmount < 8 * payload.length) client.socket.send(payload);
      return (await server.stats()).connections === 0;
    });
    const stats = await server.stats();
    assert.equal(stats.backpressure_closed_total, 1);
    assert.equal(stats.messages_echoed_total + 1, stats.messages_received_total);
    assertReconciled(stats);
    client.socket.terminate();
  });

  it('cuts those who do not read where all together are over --max-backpressure-total, and no others', async () => {
    const server = await startServer(
      '--workers=1',
      '--max-backpressure=16MiB',
      '--max-backpressure-total=32MiB',
      '--max-payload=1MiB',
      '--no-greeting',
    );
    const reader = await connect(server.url);
    const silent = await connectMany(server.url, 10);
    for (const { socket } of silent) socket.pause();
    const payload = randomBytes(1024 * 1024);
    await until(async () => {
      for (const { socket } of silent) {
        if (socket.bufferedAmount < 2 * payload.length) socket.send(payload);
      }
      return (await server.stats()).backpressure_closed_total >= 5;
    });
    reader.socket.send('still here');
    assert.equal(await reader.next(), 'still here');
    assertReconciled(await server.stats());
    for (const { socket } of silent) socket.terminate();
  });

  it('lets in pages of the origins of --allow-origin, and clients that are no pages', async () => {
    const server = await startServer('--allow-origin=https://example.org,http://localhost:3000');
    const asked = (origin: string) => refusalStatus(server.url, { origin });
    assert.equal(await asked('https://example.com'), 403);
    assert.equal(await asked('null'), 403);
    assert.equal(await asked('http://example.org'), 403);
    await connect(server.url, { origin: 'HTTPS://example.org' });
    await connect(server.url, { origin: 'http://localhost:3000' });
    await connect(server.url);
    const { connections, connections_refused_total: refused } = await server.stats();
    assert.deepEqual([connections, refused], [3, 3]);
  });

  it('refuses an address, or headers, of 100 KB', async () => {
    const server = await startServer();
    const large = 'a'.repeat(100_000);
    assert.equal(await refusalStatus(`${server.url}/?${large}`), 431);
    assert.equal(await refusalStatus(server.url, { headers: { large } }), 431);
    await connect(`${server.url}/?${'a'.repeat(2000)}`);
  });
});

describe('tidemark server: HTTP and admin port', () => {
  it('answers 426 to a request that is no handshake', async () => {
    const server = await startServer();
    const response = await fetch(server.url.replace('ws:', 'http:'));
    assert.equal(response.status, 426);
    assert.equal(response.headers.get('upgrade'), 'websocket');
    assert.match(await response.text(), /connect with a WebSocket client/);
  });

  it('serves /healthz, /metrics, /stats and /collect-garbage, and nothing else', async () => {
    const server = await startServer();
    await connect(server.url);
    const cases = [
      ['/healthz', 'GET', 200, /^ok\n$/],
      ['/healthz?verbose=1', 'GET', 200, /^ok\n$/],
      ['/metrics', 'GET', 200, /^tidemark_server_connections_opened_total 1$/m],
      ['/stats', 'GET', 200, /^\{"version":1,.*\}\n$/],
      ['/stats', 'HEAD', 200, /^$/],
      ['/', 'GET', 404, /\/healthz, \/metrics, \/stats and \/collect-garbage/],
      ['/stats/', 'GET', 404, /\/healthz, \/metrics, \/stats and \/collect-garbage/],
      ['/collect-garbage', 'POST', 200, /^collected\n$/],
      ['/stats', 'POST', 405, /Only GET and HEAD/],
    ] as const;
    for (const [path, method, status, body] of cases) {
      const response = await server.admin(path, method);
      assert.equal(response.status, status, `${method} ${path}`);
      assert.match(await response.text(), body);
      assert.equal(response.headers.get('allow'), status === 405 ? 'GET, HEAD' : null);
    }
  });

  it('tells in /stats who it is and what its processes hold', async () => {
    const server = await startServer();
    const { document } = server;
    await connectMany(server.url, 3);
    const stats = await server.stats();
    assert.equal(stats.version, 1);
    assert.ok(stats.uptime_s > 0);
    assert.equal(stats.supervisor.pid, document.supervisor_pid);
    assert.equal(document.supervisor_pid, server.program.child.pid);
    assert.deepEqual(
      stats.workers.map((worker) => worker.pid),
      document.worker_pids,
    );
    assert.equal(stats.workers_restarted_total, 0);
    assert.deepEqual(stats.workers.map(countsOf), [[3, 3, 0, 0, 3, 0, 0, 0]]);
    for (const { memory } of [stats.supervisor, ...stats.workers]) {
      // A Node process has 20 MB at least; the heap is a part of it.
      assert.ok(memory.rss_bytes > 20e6 && memory.rss_bytes < 1e9, `${memory.rss_bytes}`);
      assert.ok(memory.js_heap_used_bytes > 1e6);
      assert.ok(memory.js_heap_used_bytes <= memory.js_heap_total_bytes);
      assert.ok(memory.js_heap_resident_bytes < memory.rss_bytes);
      assert.ok(memory.js_array_buffers_bytes <= memory.js_external_bytes);
    }
  });

  it('keeps nothing of the questions that its admin port has answered', async () => {
    const server = await startServer('--workers', '2');
    const heldAfter = async (questions: number): Promise<number> => {
      for (let asked = 0; asked < questions; asked++) await server.stats();
      // What has a finalizer is freed by the second collection.
      for (let times = 0; times < 2; times++) await server.admin('/collect-garbage', 'POST');
      return (await server.stats()).supervisor.memory.js_heap_used_bytes;
    };
    await heldAfter(500);
    const before = await heldAfter(500);
    const after = await heldAfter(1500);
    // A race with a promise that stays took 1,010 bytes of each.
    assert.ok((after - before) / 1500 < 300, `${after - before} B`);
  });

  it('says once that it listens: in JSON on standard output, in words on standard error', async () => {
    const server = await startServer('--max-connections', '50');
    const { url, admin_url: adminUrl, uws, ...document } = server.document;
    assert.match(url, /^ws:\/\/127\.0\.0\.1:\d+$/);
    assert.match(adminUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(document.max_connections, 50);
    assert.equal(document.worker_pids.length, 1);
    const end = await server.program.stop();
    assert.equal(end.lines.length, 1);
    assert.equal(
      end.stderr,
      `Listening on ${url} with 1 worker, up to 50 connections\n` +
        `Admin port ${adminUrl}: /healthz /metrics /stats\n` +
        `${describeBinding(uws)}\n` +
        'Closing all connections (SIGTERM)\n',
    );
  });

  it('names version, ABI and file of the native build for --version', async () => {
    const end = await runProgram('server', '--version', ...oneWorker);
    assert.equal(end.exitStatus, 0);
    assert.equal(end.stderr, '');
    assert.equal(end.lines.length, 1);
    const abi = process.versions.modules;
    const pattern = `^uWebSockets\\.js \\d+\\.\\d+\\.\\d+\\S*, ABI ${abi}(, lowered for a glibc before 2\\.38)?, /.*_${abi}\\.node$`;
    assert.match(end.lines[0] ?? '', new RegExp(pattern));
  });
});

describe('tidemark server: workers', () => {
  it('spreads connections over the workers that share the port', async () => {
    const server = await startServer('--workers', '2');
    assert.equal(new Set(server.document.worker_pids).size, 2);
    await connectMany(server.url, 200);
    const stats = await server.stats();
    assert.equal(stats.connections, 200);
    assert.equal(stats.greetings_sent_total, 200);
    const shares = stats.workers.map((worker) => worker.connections);
    // All on one side would have a probability of 2^-199.
    assert.equal(shares.length, 2);
    assert.ok(shares.every((share) => share > 0));
    assertReconciled(stats);
  });
});
