import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { LoadCounts } from '../../loadgen/report/counts.js';
import type { ProgressLine, SummaryLine } from '../../loadgen/report/report-lines.js';
import { runLoadgen, startLoadgen, type LoadgenResult } from './loadgen-process.js';
import {
  findRefusingUrl,
  greetAndEcho,
  startHangUpServer,
  startNotFoundServer,
  startSilentServer,
  startWebSocketServer,
  startWrongKeyServer,
  type TestServer,
} from './misbehaving-servers.js';
import { assertOneLine, isAlive, until } from './program.js';

const fast = ['--connections', '20', '--rate', 'max', '--hold', '200ms'];

/** Fails unless the run has a summary, and returns it. */
function summaryOf(result: LoadgenResult): SummaryLine {
  assert.ok(result.summary, `no summary; stderr: ${result.stderr}`);
  return result.summary;
}

function countsOf(counts: LoadCounts): number[] {
  return [
    counts.connections_asked_total,
    counts.connections_attempted_total,
    counts.connections_opened_total,
    counts.connect_errors_total,
    counts.connections_closed_total,
    counts.connections_lost_total,
    counts.connections_pending,
    counts.connections,
  ];
}

async function using(t: TestContext, starting: Promise<TestServer>): Promise<TestServer> {
  const server = await starting;
  t.after(() => server.stop());
  return server;
}

describe('tidemark loadgen', () => {
  it('opens, holds and closes what was asked for', async (t) => {
    const server = await using(t, startWebSocketServer(greetAndEcho('hello')));
    const result = await runLoadgen(server.url, ...fast, '--greeting', 'hello', '--processes', '3');
    const summary = summaryOf(result);
    assert.equal(result.exitStatus, 0, result.stderr);
    assert.equal(result.stderr, '');
    assert.deepEqual(countsOf(summary), [20, 20, 20, 0, 20, 0, 0, 0]);
    assert.equal(summary.greetings_received_total, 20);
    assert.equal(summary.peak_connections, 20);
    assert.equal(summary.processes, 3);
    assert.equal(summary.latency.connect.count, 20);
    assert.equal(summary.latency.greeting.count, 20);
    assert.deepEqual(summary.errors, {});
    assert.deepEqual(summary.discrepancies, []);
    assert.equal(server.openedTotal(), 20);
    const kinds = result.lines.map((line) => (line.kind === 'phase' ? line.phase : line.kind));
    assert.deepEqual(
      kinds.filter((kind) => kind !== 'progress'),
      ['started', 'ramp', 'hold', 'drain', 'ended', 'summary'],
    );
  });

  it('offers permessage-deflate only if asked, and connects from fresh loopback addresses', async (t) => {
    const server = await using(t, startWebSocketServer(greetAndEcho('hello'), true));
    assert.equal((await runLoadgen(server.url, ...fast)).exitStatus, 0);
    for (const { headers } of server.requests) {
      assert.equal(headers['sec-websocket-extensions'], undefined);
    }
    assert.equal(server.sourceAddresses.length, 20);
    for (const address of server.sourceAddresses) assert.match(address, /^127\.(?!0\.)/);
    const before = server.requests.length;
    const messages = ['--message-rate', '200', '--deflate'];
    assert.equal((await runLoadgen(server.url, ...fast, ...messages)).exitStatus, 0);
    const offers = server.requests
      .slice(before)
      .map((one) => one.headers['sec-websocket-extensions']);
    assert.equal(offers.length, 20);
    assert.ok(offers.every((offer) => offer?.startsWith('permessage-deflate')));
  });

  it('takes --connectDelayMillis for --connect-delay-millis', async (t) => {
    const server = await using(t, startWebSocketServer(greetAndEcho('hello')));
    for (const flag of ['--connectDelayMillis=4', '--connect-delay-millis=4']) {
      const result = await runLoadgen(server.url, '--connections=5', flag, '--hold=0s');
      assert.equal(summaryOf(result).rate_asked_per_s, 250);
    }
  });

  it('splits connections over shards so that they add up', async (t) => {
    const server = await using(t, startWebSocketServer(greetAndEcho('hello')));
    const startAt = String(Date.now() + 1500);
    const shards = [0, 1, 2, 3].map((shard) =>
      runLoadgen(
        ...[server.url, '--connections', '22', '--rate', '100', '--hold', '0s'],
        ...['--shard', `${shard}/4`, '--start-at', startAt],
      ),
    );
    const opened = (await Promise.all(shards)).map(
      (result) => summaryOf(result).connections_opened_total,
    );
    assert.deepEqual(opened, [6, 6, 5, 5]);
    assert.equal(server.openedTotal(), 22);
  });

  it('reconciles churn', async (t) => {
    const server = await using(t, startWebSocketServer(greetAndEcho('hello')));
    const result = await runLoadgen(
      ...[server.url, '--connections', '60', '--rate', '200', '--lifetime', 'exp:100ms'],
      ...['--duration', '2s', '--processes', '2', '--greeting', 'hello'],
    );
    const summary = summaryOf(result);
    assert.equal(result.exitStatus, 0, result.stderr);
    assert.ok(summary.connections_opened_total > 100, 'connections were replaced');
    assert.ok(summary.connections_opened_total <= 400, 'no more than the rate');
    assert.ok(summary.peak_connections <= 60, 'no more than the cap');
    assert.equal(summary.connections_closed_total, summary.connections_opened_total);
    assert.equal(summary.connections_opened_total, server.openedTotal());
    assert.equal(summary.connections_lost_total, 0);
  });

  it('reconciles echoes', async (t) => {
    const server = await using(t, startWebSocketServer(greetAndEcho(undefined)));
    const result = await runLoadgen(server.url, ...fast, '--message-rate', '500', '--no-greeting');
    const summary = summaryOf(result);
    assert.equal(result.exitStatus, 0, result.stderr);
    assert.ok(summary.messages_sent_total > 20);
    assert.equal(summary.echoes_received_total, summary.messages_sent_total);
    assert.equal(summary.latency.echo.count, summary.messages_sent_total);
    assert.equal(summary.greetings_received_total, 0);
  });
});

describe('tidemark loadgen against servers that misbehave', () => {
  const shelf: {
    name: string;
    start: () => Promise<TestServer>;
    args: string[];
    errors: Record<string, number>;
    exitStatus: number;
    opened: number;
    lost?: number;
    pushed?: [messages: number, bytes: number];
    reason?: RegExp;
  }[] = [
    {
      name: 'answers 404',
      start: startNotFoundServer,
      args: [],
      errors: { rejected: 20 },
      exitStatus: 1,
      opened: 0,
      reason: /No connection to .* could be opened: 20 × rejected/,
    },
    {
      name: 'never answers',
      start: startSilentServer,
      args: ['--handshake-timeout', '300ms'],
      errors: { timed_out: 20 },
      exitStatus: 1,
      opened: 0,
      reason: /20 × timed_out/,
    },
    {
      name: 'answers with the wrong key',
      start: startWrongKeyServer,
      args: [],
      errors: { protocol: 20 },
      exitStatus: 1,
      opened: 0,
      reason: /20 × protocol/,
    },
    {
      name: 'hangs up',
      start: startHangUpServer,
      args: [],
      errors: { reset: 20 },
      exitStatus: 1,
      opened: 0,
      reason: /20 × reset/,
    },
    {
      name: 'greets wrongly',
      start: () => startWebSocketServer(greetAndEcho('goodbye')),
      args: ['--greeting', 'hello'],
      errors: { greeting_wrong: 20 },
      exitStatus: 0,
      opened: 20,
    },
    {
      name: 'does not greet',
      start: () => startWebSocketServer(greetAndEcho(undefined)),
      args: ['--greeting', 'hello', '--handshake-timeout', '500ms'],
      errors: { timed_out: 20 },
      exitStatus: 0,
      opened: 20,
    },
    {
      name: 'greets though it should not',
      start: () => startWebSocketServer(greetAndEcho('hello')),
      args: ['--no-greeting'],
      errors: { greeting_unexpected: 20 },
      exitStatus: 0,
      opened: 20,
    },
    {
      name: 'greets twice',
      start: () =>
        startWebSocketServer((socket) => {
          socket.send('hello');
          socket.send('hello');
        }),
      args: ['--greeting', 'hello'],
      errors: {},
      exitStatus: 0,
      opened: 20,
      pushed: [20, 100],
    },
    {
      name: 'closes at once',
      start: () =>
        startWebSocketServer((socket) => {
          socket.close(1013);
        }),
      args: ['--greeting', 'hello'],
      errors: { greeting_missing: 20, lost: 20 },
      exitStatus: 1,
      opened: 20,
      lost: 20,
      reason: /All connections to .* were lost: 20 × greeting_missing, 20 × lost/,
    },
  ];
  for (const each of shelf) {
    const {
      name,
      start,
      args,
      errors,
      exitStatus,
      opened,
      lost = 0,
      pushed = [0, 0],
      reason,
    } = each;
    it(`counts one that ${name}`, async (t) => {
      const server = await using(t, start());
      const result = await runLoadgen(server.url, ...fast, ...args);
      const summary = summaryOf(result);
      assert.deepEqual(summary.errors, errors);
      const failed = 20 - opened;
      assert.deepEqual(countsOf(summary), [20, 20, opened, failed, opened, lost, 0, 0]);
      assert.deepEqual([summary.messages_pushed_total, summary.bytes_pushed_total], pushed);
      assert.deepEqual(summary.discrepancies, []);
      assert.equal(result.exitStatus, exitStatus, result.stderr);
      assert.equal(summary.closes_unanswered_total, 0);
      if (reason === undefined) assert.equal(result.stderr, '');
      else assertOneLine(result.stderr, reason);
    });
  }

  it('counts one that echoes wrongly', async (t) => {
    const server = await using(
      t,
      startWebSocketServer((socket) => {
        socket.on('message', (data: Buffer) => {
          data.writeUInt8(0, data.length - 1);
          socket.send(data);
        });
      }),
    );
    const args = ['--message-rate', '200', '--no-greeting'];
    const result = await runLoadgen(server.url, ...fast, ...args);
    const summary = summaryOf(result);
    assert.ok(summary.messages_sent_total > 0);
    assert.deepEqual(summary.errors, { echo_wrong: summary.messages_sent_total });
    assert.equal(summary.echoes_received_total, 0);
    assert.equal(result.exitStatus, 0, result.stderr);
  });

  it('stops early when everything is refused', async () => {
    const url = await findRefusingUrl();
    const args = ['--connections', '5000', '--rate', '2000', '--duration', '1h'];
    const result = await runLoadgen(url, ...args);
    const summary = summaryOf(result);
    assert.equal(result.exitStatus, 1);
    assert.equal(summary.outcome, 'failed');
    assert.ok(summary.connections_attempted_total < 5000, 'gave up early');
    assert.deepEqual(summary.errors, { refused: summary.connections_attempted_total });
    assertOneLine(result.stderr, /could be opened: \d+ × refused .*is the server running\?/);
  });
});

describe('tidemark loadgen gives up', () => {
  it('and says of each failure what the summary counts', async (t) => {
    const server = await using(t, startSilentServer());
    // More than are given up in one turn, so that the first turn is not the last.
    const args = ['--connections', '90', '--rate', 'max', '--handshake-timeout', '300ms'];
    const result = await runLoadgen(server.url, ...args, '--processes', '1', '--hold', '1s');
    const summary = summaryOf(result);
    assert.equal(summary.connect_errors_total, 90);
    assert.deepEqual(summary.errors, { timed_out: 90 });
    assertOneLine(result.stderr, /could be opened: 90 × timed_out /);
  });

  it('and counts what fails while it gives up', async (t) => {
    const server = await using(t, startNotFoundServer());
    const args = ['--connections', '2000', '--rate', 'max', '--processes', '2', '--hold', '1s'];
    const result = await runLoadgen(server.url, ...args);
    const { errors, connect_errors_total: failed } = summaryOf(result);
    assert.equal((errors.rejected ?? 0) + (errors.timed_out ?? 0) + (errors.reset ?? 0), failed);
    assertOneLine(result.stderr, new RegExp(`could be opened: ${errors.rejected ?? 0} × rejected`));
  });
});

describe('tidemark loadgen, used wrongly', () => {
  const cases: [string[], number, RegExp][] = [
    [['http//x'], 2, /not a URL such as/],
    [['ws://127.0.0.1:1', '--rate', '0'], 2, /--rate: "0" is neither max nor/],
    [['ws://127.0.0.1:1', '--connections', '-5'], 2, /--connections/],
    [['ws://127.0.0.1:1', '--rate', '5', '--connectDelayMillis', '5'], 2, /contradict each other/],
    [['x', '--rate', '0', '--shard', '4/4'], 2, /not a URL.*--rate.*--shard/],
    [['ws://127.0.0.1:1', '--conections', '5'], 2, /unknown option.*--connections/],
    [['ws://127.0.0.1:1', '--connections', '900000000'], 1, /Cannot open 900000000 .* \d+$/m],
    [['ws://192.0.2.1:1', '--connections', '70000'], 1, /ports for \d+ at most/],
  ];
  for (const [args, exitStatus, pattern] of cases) {
    it(`says so in one line: ${args.join(' ')}`, async () => {
      const result = await runLoadgen(...args);
      assert.equal(result.exitStatus, exitStatus, result.stderr);
      assertOneLine(result.stderr, pattern);
      assert.deepEqual(result.lines, []);
    });
  }
});

describe('tidemark loadgen, disturbed', () => {
  const long = ['--connections', '40', '--rate', 'max', '--processes', '2', '--greeting', 'hello'];
  const isHolding = (line: { readonly kind: string; readonly phase?: string }): boolean =>
    line.kind === 'phase' && line.phase === 'hold';

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`drains and ends on ${signal}`, async (t) => {
      const server = await using(t, startWebSocketServer(greetAndEcho('hello')));
      const run = startLoadgen(server.url, ...long);
      await run.waitFor(isHolding);
      run.child.kill(signal);
      const result = await run.result;
      const summary = summaryOf(result);
      assert.equal(result.exitStatus, 1);
      assert.equal(summary.outcome, 'interrupted');
      assert.deepEqual(countsOf(summary), [40, 40, 40, 0, 40, 0, 0, 0]);
      assertOneLine(result.stderr, new RegExp(`Interrupted by ${signal}`));
    });
  }

  it('goes on when one of its processes is killed, and says so at the end', async (t) => {
    const server = await using(t, startWebSocketServer(greetAndEcho('hello')));
    const run = startLoadgen(server.url, ...long, '--report-interval', '200ms');
    const started = await run.waitFor(({ kind }) => kind === 'started');
    await run.waitFor(isHolding);
    assert.ok(started.kind === 'started');
    const [victim = 0] = started.process_pids;
    process.kill(victim, 'SIGKILL');
    const isReduced = (line: { readonly kind: string }): line is ProgressLine =>
      line.kind === 'progress' && (line as ProgressLine).connections === 20;
    const reduced = await run.waitFor(isReduced);
    assert.ok(reduced.kind === 'progress');
    assert.deepEqual(countsOf(reduced), [40, 40, 40, 0, 20, 20, 0, 20]);
    run.child.kill('SIGINT');
    const result = await run.result;
    const summary = summaryOf(result);
    assert.equal(result.exitStatus, 1);
    assert.equal(summary.processes_lost, 1);
    assert.deepEqual(countsOf(summary), [40, 40, 40, 0, 40, 20, 0, 0]);
    assert.deepEqual(summary.errors, { lost: 20 });
    assert.deepEqual(summary.discrepancies, []);
    assertOneLine(result.stderr, /./);
  });

  it('leaves no process behind when the coordinator is killed', async (t) => {
    const server = await using(t, startWebSocketServer(greetAndEcho('hello')));
    const run = startLoadgen(server.url, ...long);
    const started = await run.waitFor(({ kind }) => kind === 'started');
    await run.waitFor(isHolding);
    assert.ok(started.kind === 'started');
    assert.equal(server.open.size, 40);
    run.child.kill('SIGKILL');
    await run.result;
    await until(() => !started.process_pids.some(isAlive));
    await until(() => server.open.size === 0);
  });

  it('ends early when the server goes away', async (t) => {
    const server = await using(t, startWebSocketServer(greetAndEcho('hello')));
    const run = startLoadgen(server.url, ...long, '--duration', '1h');
    await run.waitFor(isHolding);
    await server.stop();
    const result = await run.result;
    assert.equal(result.exitStatus, 1);
    assert.deepEqual(countsOf(summaryOf(result)), [40, 40, 40, 0, 40, 40, 0, 0]);
    assertOneLine(
      result.stderr,
      /All connections to .* were lost: 40 × lost: ended without a close frame; none was open for long: .* did it exit by itself/,
    );
  });

  it('counts connections that the server drops', async (t) => {
    const server = await using(t, startWebSocketServer(greetAndEcho('hello')));
    const run = startLoadgen(server.url, ...long, '--report-interval', '200ms');
    await run.waitFor(isHolding);
    for (const socket of [...server.open].slice(0, 7)) socket.terminate();
    await run.waitFor((line) => line.kind === 'progress' && line.connections === 33);
    run.child.kill('SIGINT');
    const summary = summaryOf(await run.result);
    assert.deepEqual(countsOf(summary), [40, 40, 40, 0, 40, 7, 0, 0]);
    assert.deepEqual(summary.errors, { lost: 7 });
  });
});
