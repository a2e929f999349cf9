/** Servers that are several, come up late, or go away for a while. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { WebSocketServer } from 'ws';
import { freePort } from './bench-process.js';
import { runLoadgen, startLoadgen } from './loadgen-process.js';
import { greetAndEcho, startWebSocketServer } from './misbehaving-servers.js';

/** Starts a server at a port that was free; `stop` cuts its connections off. */
async function startAt(t: TestContext, port: number): Promise<{ stop: () => Promise<void> }> {
  const http: Server = createServer();
  const sockets = new WebSocketServer({ server: http });
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    for (const client of sockets.clients) client.terminate();
    await new Promise((resolve) => http.close(resolve));
  };
  t.after(() => (http.listening ? stop() : undefined));
  return { stop };
}

describe('several URLs', () => {
  for (const [spread, first] of [
    ['even', 20],
    ['in-turn', 20],
  ] as const) {
    it(`share the connections with --spread ${spread}`, async (t) => {
      const servers = await Promise.all([1, 2].map(() => startWebSocketServer(greetAndEcho('hi'))));
      t.after(() => Promise.all(servers.map((server) => server.stop())));
      const urls = servers.map(({ url }) => url);
      const { summary, exitStatus, stderr } = await runLoadgen(
        ...urls,
        ...['--connections=40', '--rate=max', '--processes=2', '--hold=500ms', '--greeting=hi'],
        ...['--message-rate=200', `--spread=${spread}`],
      );
      assert.equal(exitStatus, 0, stderr);
      assert.deepEqual(
        servers.map((server) => server.openedTotal()),
        [first, 40 - first],
      );
      assert.equal(summary?.url, urls.join(' '));
      assert.deepEqual(summary.errors, {});
      assert.deepEqual(summary.discrepancies, []);
    });
  }

  it('have to be reachable from the same addresses', async () => {
    const args = ['ws://127.0.0.1:1', 'ws://[::1]:1', '--connections=2'];
    const { exitStatus, stderr } = await runLoadgen(...args);
    assert.equal(exitStatus, 1);
    assert.match(stderr, /from the same local addresses: start a loadgen for each/);
  });

  it('are checked each', async () => {
    const { exitStatus, stderr } = await runLoadgen('ws://127.0.0.1:1', 'http://x', 'ftp://y');
    assert.equal(exitStatus, 2);
    assert.match(stderr, /"http:\/\/x" is not .*"ftp:\/\/y" is not/);
  });
});

const some = ['--connections=20', '--rate=max', '--processes=1'];

describe('--wait', () => {
  it('waits for the port', async (t) => {
    const port = await freePort();
    const load = startLoadgen(`ws://127.0.0.1:${port}`, ...some, '--hold=200ms', '--wait=20s');
    setTimeout(() => void startAt(t, port), 2000);
    const { summary, exitStatus, stderr } = await load.result;
    assert.equal(exitStatus, 0, stderr);
    assert.equal(summary?.connections_opened_total, 20);
    assert.deepEqual(summary.errors, {});
  });

  it('says what it has waited for', async () => {
    const port = await freePort();
    const url = `ws://127.0.0.1:${port}`;
    const { exitStatus, stderr } = await runLoadgen(url, ...some, '--wait=1s');
    assert.equal(exitStatus, 1);
    assert.match(stderr, /^tidemark: Nothing listens at ws:\S+ \(.*ECONNREFUSED/);
    const unknown = await runLoadgen('ws://no-such-host.invalid:1', ...some, '--wait=500ms');
    assert.equal(unknown.exitStatus, 1);
    assert.match(unknown.stderr, /Nothing listens at ws:\S+ \(.*(ENOTFOUND|EAI_AGAIN)/);
  });
});

describe('churn', () => {
  it('outlives a server that is away for a while', async (t) => {
    const port = await freePort();
    const first = await startAt(t, port);
    const load = startLoadgen(
      ...[`ws://127.0.0.1:${port}`, '--connections=150', '--rate=max', '--processes=1'],
      ...['--lifetime=exp:1s', '--hold=8s'],
    );
    await load.waitFor((line) => line.kind === 'phase' && line.phase === 'hold');
    await first.stop();
    await load.waitFor((line) => line.kind === 'progress' && line.connect_errors_total > 200);
    await startAt(t, port);
    await load.waitFor((line) => line.kind === 'progress' && line.connections === 150);
    const { summary, exitStatus, stderr } = await load.result;
    assert.equal(exitStatus, 0, stderr);
    assert.deepEqual(summary?.discrepancies, []);
    // Each of them tries about once a second, not as often as it can.
    assert.ok(summary.connect_errors_total < 2000, String(summary.connect_errors_total));
  });
});
