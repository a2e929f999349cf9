import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { RunSummary } from '../../bench/results/summary.js';
import { createResultsFolder, quickRun, startBench, assertAllGone } from './bench-process.js';
import { programPath } from './program.js';
import { startServer } from './server-process.js';

const results = createResultsFolder();
after(results.remove);

describe('tidemark bench', () => {
  it('runs its waves, leaves all files, and what they say adds up', async () => {
    const run = startBench(results.path, ...quickRun);
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 0, end.stderr);

    const rows = run.samples();
    const phases = rows.map((row) => `${row['wave'] ?? ''} ${row['phase'] ?? ''}`);
    const order = phases.filter((phase, index) => phase !== phases[index - 1]);
    const seen = order.filter((phase) => !/ramp|drain/.test(phase));
    // A ramp of 200 ms or a drain may fall between two samples; a hold and a rest may not.
    assert.deepEqual(seen, ['0 baseline', '1 hold', '1 rest', '2 hold', '2 rest']);
    for (const row of rows) {
      assert.match(row['timestamp'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
      assert.equal(
        Number(row['connections_opened_total']) - Number(row['connections_closed_total']),
        Number(row['connections']),
      );
    }
    const held = rows.filter((row) => row['phase'] === 'hold');
    assert.ok(
      held.every((row) => row['connections'] === '200' && row['target_connections'] === '200'),
    );
    const last = rows.at(-1);
    assert.equal(last?.['connections_opened_total'], '400');
    assert.equal(last['greetings_received_total'], '400');
    assert.equal(last['connect_errors_total'], '0');

    const summary = run.summary();
    assert.equal(summary.outcome, 'completed');
    assert.equal(summary.waves_completed, 2);
    assert.equal(summary.connections_opened, 400);
    assert.equal(summary.greetings_received, 400);
    assert.equal(summary.errors_total, 0);
    assert.deepEqual(summary.discrepancies, []);
    assert.equal(summary.samples, rows.length);
    assert.deepEqual(
      summary.waves.map((wave) => wave.hold_target_connections_min),
      [200, 200],
    );
    const environment = JSON.parse(readFileSync(join(run.folder, 'environment.json'), 'utf8')) as {
      readonly node_version: string;
    };
    assert.equal(environment.node_version, process.version);
    await assertAllGone(run);
  });

  for (const [spread, args, held] of [
    ['in-turn', [], [50, 50, 50, 50]],
    ['even', ['--spread=even'], undefined],
  ] as const) {
    it(`says that the workers were filled ${spread} at --rate max`, async () => {
      const run = startBench(
        results.path,
        ...quickRun,
        '--waves=1',
        '--rate=max',
        '--workers=4',
        ...args,
      );
      const end = await run.program.exit;
      assert.equal(end.exitStatus, 0, end.stderr);
      const { worker_spread: said, connections_opened: opened } = run.summary();
      assert.deepEqual([said, opened], [spread, 200]);
      const last = run.workers().findLast(({ phase }) => phase === 'hold')?.['timestamp'];
      const shares = run
        .workers()
        .filter(({ timestamp, connections }) => timestamp === last && connections !== '')
        .map(({ connections }) => Number(connections))
        .filter((count) => count > 0);
      assert.equal(
        shares.reduce((sum, count) => sum + count, 0),
        200,
      );
      if (held !== undefined) assert.deepEqual(shares, held);
    });
  }

  it(
    'splits the memory of each process on Linux so that the parts add up',
    { skip: process.platform !== 'linux' },
    async () => {
      const run = startBench(results.path, ...quickRun, '--waves=1');
      assert.equal((await run.program.exit).exitStatus, 0);
      for (const row of run.samples()) {
        const owners = [
          'native_malloc',
          'native_stacks',
          'native_file',
          'native_other',
          'unattributed',
          'js_heap_resident',
        ];
        const sum = owners.reduce((total, owner) => total + Number(row[`${owner}_bytes`]), 0);
        assert.equal(sum, Number(row['rss_bytes']));
        assert.ok(
          Number(row['pss_bytes']) > 0 && Number(row['pss_bytes']) <= Number(row['rss_bytes']),
        );
      }
      const roles = new Set(run.workers().map((row) => row['role']));
      assert.deepEqual(roles, new Set(['target', 'loadgen', 'sampler']));
    },
  );

  it('prints its summary as one JSON document with --json, all else on standard error', async () => {
    const run = startBench(results.path, ...quickRun, '--waves=1', '--json');
    const end = await run.program.exit;
    assert.equal(end.lines.length, 1);
    const printed = JSON.parse(end.lines[0] ?? '') as RunSummary;
    assert.deepEqual(printed, run.summary());
    assert.match(end.stderr, /Results: /);
  });

  for (const [name, flags, greetings] of [
    ['no greeting', ['--no-greeting'], 0],
    ['an empty greeting', ['--greeting='], 200],
    [
      'a greeting of its own, compressed',
      ['--greeting=wëlcome, "you"', '--compression=shared', '--deflate'],
      200,
    ],
  ] as const) {
    it(`has the target write ${name}, and checks it`, async () => {
      const run = startBench(results.path, ...quickRun, '--waves=1', ...flags);
      const end = await run.program.exit;
      assert.equal(end.exitStatus, 0, end.stderr);
      assert.equal(run.summary().connections_opened, 200);
      assert.equal(run.summary().greetings_received, greetings);
    });
  }

  it('counts echoes that come back', async () => {
    const run = startBench(results.path, ...quickRun, '--waves=1', '--message-rate=500');
    assert.equal((await run.program.exit).exitStatus, 0);
    const summary = run.summary();
    assert.ok(summary.messages_sent > 0);
    assert.equal(summary.echoes_received, summary.messages_sent);
    assert.ok((summary.echo_p99_ms ?? 0) > 0);
  });

  it('measures a server that runs already and leaves it alone', async () => {
    const server = await startServer();
    const flags = [`--pid=${server.document.supervisor_pid}`, `--url=${server.url}`];
    const run = startBench(results.path, ...quickRun, '--waves=1', ...flags);
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 0, end.stderr);
    assert.equal(run.summary().connections_opened, 200);
    assert.equal((await server.admin('/healthz')).status, 200);
    // Nobody has said what its heap is, so no cell claims to know.
    assert.ok(
      run.samples().every((row) => row['js_heap_used_bytes'] === '' && row['native_bytes'] === ''),
    );
  });

  it('starts a command as its target, and ends it', async () => {
    const server = await startServer();
    const port = new URL(server.url).port;
    await server.program.stop();
    const command = `${process.execPath} ${programPath} server --port ${port} --admin-port 0 --workers 1`;
    const run = startBench(
      results.path,
      ...quickRun,
      '--waves=1',
      `--exec=${command}`,
      `--url=${server.url}`,
    );
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 0, end.stderr);
    assert.equal(run.summary().connections_opened, 200);
    await assertAllGone(run);
  });

  it('leaves no results where nothing ran', async () => {
    const run = startBench(results.path, '--connections=100000000');
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 1);
    assert.match(
      end.stderr,
      /^tidemark: Cannot open 100,000,000 connections: .* enough for about [\d,]+; tidemark doctor .*\n$/,
    );
    assert.equal(existsSync(run.folder), false);
  });
});
