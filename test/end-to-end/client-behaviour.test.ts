/** Clients that are cut off, vanish, read slowly, come and go, or come back all at once. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RunSummary } from '../../bench/results/summary.js';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import { createResultsFolder, freePort, startBench } from './bench-process.js';
import { runLoadgen, startLoadgen } from './loadgen-process.js';
import { makeCertificate } from './make-certificate.js';
import { isMissing, until } from './program.js';

const results = createResultsFolder();
after(results.remove);

const fast = ['--connections=100', '--rate=max', '--processes=2'];

/** A server that notes how its connections end. */
interface NotingServer {
  readonly url: string;
  /** How often each close code was seen; 1006 is an end without a close frame. */
  readonly codes: Map<number, number>;
  /** Errors of sockets, by code. */
  readonly errors: Map<string, number>;
  readonly clients: ReadonlySet<WebSocket>;
  readonly openedAtMs: number[];
}

async function startServer(
  t: TestContext,
  onOpen: (client: WebSocket) => void = () => undefined,
  http: Server = createHttpServer(),
): Promise<NotingServer> {
  const sockets = new WebSocketServer({ server: http });
  const codes = new Map<number, number>();
  const errors = new Map<string, number>();
  const openedAtMs: number[] = [];
  sockets.on('connection', (client) => {
    openedAtMs.push(performance.now());
    client.on('error', () => undefined);
    client.on('close', (code) => codes.set(code, (codes.get(code) ?? 0) + 1));
    onOpen(client);
  });
  http.on('connection', (socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? '';
      errors.set(code, (errors.get(code) ?? 0) + 1);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const client of sockets.clients) client.terminate();
    http.close();
  });
  const url = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { url: `ws://${url}`, codes, errors, clients: sockets.clients, openedAtMs };
}

async function run(url: string, ...args: readonly string[]): Promise<SummaryLine> {
  const { summary, stderr, exitStatus } = await runLoadgen(url, ...fast, ...args);
  assert.equal(exitStatus, 0, stderr);
  assert.ok(summary);
  assert.deepEqual(summary.discrepancies, []);
  return summary;
}

describe('--end', () => {
  it('says goodbye, or is cut off, in the shares asked for', async (t) => {
    const server = await startServer(t);
    const summary = await run(server.url, '--hold=200ms', '--end=close:60,reset:40');
    assert.equal(summary.connections_closed_total, 100);
    assert.equal(summary.errors_total, 0);
    await until(() => server.clients.size === 0);
    const resets = server.codes.get(1006) ?? 0;
    assert.equal(resets, summary.connections_ended_by_reset_total);
    assert.ok(Math.abs(resets - 40) <= 2, String(resets));
    assert.equal(server.codes.get(1000), 100 - resets);
    assert.deepEqual([...server.errors], [['ECONNRESET', resets]]);
  });

  it('resets below TLS as well', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    makeCertificate(cert, key);
    const files = { key: readFileSync(key), cert: readFileSync(cert) };
    rmSync(folder, { recursive: true });
    const server = await startServer(t, undefined, createTlsServer(files));
    const url = server.url.replace('ws:', 'wss:');
    const summary = await run(url, '--insecure', '--hold=200ms', '--end=reset');
    assert.equal(summary.connections_ended_by_reset_total, 100);
    await until(() => server.clients.size === 0);
    assert.deepEqual([...server.codes], [[1006, 100]]);
  });

  it('leaves connections open without a word, until the program ends', async (t) => {
    let pongs = 0;
    const server = await startServer(t, (client) => client.on('pong', () => pongs++));
    const load = startLoadgen(server.url, ...fast, '--hold=200ms', '--end=silent', '--linger=1m');
    await load.waitFor(({ kind }) => kind === 'summary');
    for (const client of server.clients) client.ping();
    // Those that are not silent would have answered long since.
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(pongs, 0);
    assert.equal(server.clients.size, 100);
    load.child.kill('SIGTERM');
    const { summary, exitStatus } = await load.result;
    assert.equal(exitStatus, 0);
    assert.equal(summary?.connections_silent, 100);
    assert.deepEqual(summary.discrepancies, []);
    await until(() => server.clients.size === 0);
  });

  it('counts those that the server throws out', async (t) => {
    const server = await startServer(t, (client) => {
      let isAlive = true;
      client.on('pong', () => (isAlive = true));
      const heartbeat = setInterval(() => {
        if (!isAlive) client.terminate();
        isAlive = false;
        client.ping();
      }, 300);
      client.on('close', () => {
        clearInterval(heartbeat);
      });
    });
    const behaviour = ['--lifetime=100ms', '--hold=2s', '--end=silent:20,close:80'];
    const summary = await run(server.url, ...behaviour);
    assert.ok(summary.connections_ended_silently_total > 100);
    assert.ok(summary.silent_closed_total > 100);
    assert.equal(
      summary.connections_silent,
      summary.connections_ended_silently_total - summary.silent_closed_total,
    );
    assert.equal(summary.connections_lost_total, 0);
  });
});

describe('--read', () => {
  it('slows down the share that it is for, so that the server queues', async (t) => {
    const queued: number[] = [];
    const message = Buffer.alloc(512 * 1024);
    const server = await startServer(t, (client) => {
      // More than the kernel takes for a connection that is not read.
      for (let sent = 0; sent < 48; sent++) client.send(message);
      // By then those that read have all of it, also on a busy machine.
      setTimeout(() => queued.push(client.bufferedAmount), 2500);
    });
    const args = ['--connections=10', '--hold=5s', '--read=paused', '--slow=30%'];
    const summary = await run(server.url, ...args);
    assert.equal(queued.filter((bytes) => bytes > 4e6).length, 3, queued.join());
    // They have read on to the end when they were closed.
    assert.equal(summary.connections_closed_total, 10);
    assert.deepEqual(summary.errors, {});
  });

  it('keeps to its pace', async (t) => {
    const server = await startServer(t, (client) => {
      for (let sent = 0; sent < 40; sent++) client.send(Buffer.alloc(64 * 1024));
    });
    const load = startLoadgen(
      server.url,
      ...['--connections=5', '--rate=max', '--hold=2s', '--read=slow:256KiB/s'],
    );
    const line = await load.waitFor((each) => each.kind === 'phase' && each.phase === 'drain');
    assert.ok(line.kind === 'phase');
    const perClient = line.counts.bytes_pushed_total / 5;
    // 512 KiB in 2 s, and one read of 64 KiB ahead; unslowed it is 2.5 MiB.
    assert.ok(perClient > 128 * 1024 && perClient < 1.5e6, String(perClient));
    assert.equal((await load.result).exitStatus, 0);
  });
});

describe('--lifetime with --hold', () => {
  it('churns in the hold only', async (t) => {
    const server = await startServer(t);
    const summary = await run(server.url, '--rate=200', '--lifetime=exp:200ms', '--hold=1s');
    assert.equal(summary.peak_connections, 100);
    assert.ok(summary.connections_opened_total > 250, String(summary.connections_opened_total));
    assert.equal(summary.connections_opened_total, server.openedAtMs.length);
    assert.deepEqual([...server.codes.keys()], [1000]);
  });
});

describe('--storm', () => {
  it('drops all at once, who come back', async (t) => {
    const server = await startServer(t);
    const summary = await run(server.url, '--hold=2500ms', '--storm=1s');
    assert.equal(summary.storm_drops_total, 200);
    assert.equal(summary.connections_opened_total, 300);
    assert.equal(summary.connections_closed_total, 300);
    assert.equal(summary.errors_total, 0);
  });
});

describe('servers of known protocols', () => {
  const server = fileURLToPath(new URL('protocol-server.js', import.meta.url));
  for (const [protocol, path] of [
    ['socket.io', ''],
    ['graphql-ws', '/graphql'],
  ] as const) {
    it(`keep all clients, and ${protocol} has bytes per connection`, async () => {
      const port = await freePort();
      const run = startBench(
        results.path,
        `--exec=${process.execPath} ${server} ${protocol} ${port}`,
        `--url=ws://127.0.0.1:${port}${path}`,
        `--preset=${protocol}`,
        ...['--connections=500', '--waves=1', '--hold=3s', '--rest=1s', '--interval=500ms'],
      );
      const { exitStatus, stderr } = await run.program.exit;
      assert.equal(exitStatus, 0, stderr);
      const summary = run.summary();
      assert.equal(summary.openings_completed, 500);
      assert.equal(summary.connections_lost, 0);
      assert.equal(summary.errors_total, 0);
      const bytes = summary.private_bytes_per_connection ?? 0;
      assert.ok(bytes > 4096 && bytes < 102_400, String(bytes));
    });
  }
});

const reported = fileURLToPath(new URL('reported-server.js', import.meta.url));

/** Runs the bench against a server with a fault that was reported. */
async function benchOf(fault: string, ...args: readonly string[]): Promise<RunSummary> {
  const port = await freePort();
  const run = startBench(
    results.path,
    `--exec=${process.execPath} ${reported} ${fault} ${port}`,
    `--url=ws://127.0.0.1:${port}`,
    ...['--connections=1000', '--rate=2000', '--waves=4', '--interval=250ms'],
    ...['--baseline=1500ms', '--hold=1s', '--rest=1500ms'],
    ...args,
  );
  const { exitStatus, stderr } = await run.program.exit;
  assert.equal(exitStatus, 0, stderr);
  return run.summary();
}

function verdictOn(summary: RunSummary, owner: string) {
  return summary.judgements.find((each) => each.owner === owner);
}

describe('servers of public reports', () => {
  it('keep dead sockets: growing if clients are cut off', async () => {
    const summary = await benchOf('dead-sockets-kept', '--end=reset');
    assert.equal(summary.verdict, 'growing', summary.verdict_reason);
    const growth = verdictOn(summary, 'js_heap')?.growth_bytes_per_connection ?? 0;
    assert.ok(growth > 2500 && growth < 4500, String(growth));
  });

  it('and not growing if they say goodbye', async () => {
    const summary = await benchOf('dead-sockets-kept');
    assert.notEqual(verdictOn(summary, 'js_heap')?.verdict, 'growing');
    assert.doesNotMatch(summary.verdict_reason, /silent|descriptors/);
  });

  it('tell silent clients from a leak of the server', async () => {
    const summary = await benchOf('dead-sockets-kept', '--end=silent:50,close:50');
    assert.equal(summary.verdict, 'growing', summary.verdict_reason);
    assert.match(
      summary.verdict_reason,
      /2,00\d of the 2,00\d connections whose clients went silent are still open/,
    );
  });

  it('know clients by their key: growing, as each has its own', async () => {
    const summary = await benchOf('key-as-id');
    assert.equal(summary.verdict, 'growing', summary.verdict_reason);
    const growth = verdictOn(summary, 'js_heap')?.growth_bytes_per_connection ?? 0;
    assert.ok(growth > 2500 && growth < 4500, String(growth));
  });

  it('queue for slow readers, in memory of their own', async () => {
    const args = ['--connections=20', '--waves=1', '--hold=3s', '--read=paused', '--slow=50%'];
    const summary = await benchOf('queues-for-slow-readers', ...args);
    const [wave] = summary.waves;
    const held = wave?.per_connection_over_baseline;
    // Half of them queue up to 12.5 MiB/s each, less what the kernel takes.
    const owned =
      (held?.malloc_bytes ?? 0) + (held?.other_bytes ?? 0) + (held?.js_heap_resident_bytes ?? 0);
    assert.ok(owned > 2e6, JSON.stringify(held));
  });
});
