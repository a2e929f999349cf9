import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import { createResultsFolder, quickRun, startBench } from './bench-process.js';
import { type LoadgenResult, startLoadgen } from './loadgen-process.js';
import { assertOneLine, type Program, runProgram, startProgram, until } from './program.js';
import { startServer } from './server-process.js';

const results = createResultsFolder();
after(results.remove);

/** Connections that four shards can't share evenly. */
const connections = 1002;

function startShards(url: string, hold: string) {
  const startAt = Date.now() + 2500;
  return [0, 1, 2, 3].map((index) =>
    startLoadgen(
      url,
      `--connections=${connections}`,
      '--rate=1000',
      `--hold=${hold}`,
      '--report-interval=100ms',
      `--shard=${index}/4`,
      `--start-at=${startAt}`,
    ),
  );
}

/** Writes what each shard has printed, and merges the files. */
async function merge(name: string, shards: readonly LoadgenResult[], ...args: readonly string[]) {
  const files = shards.map(({ lines }, index) => {
    const file = join(results.path, `${name}-${index}.jsonl`);
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return file;
  });
  const end = await runProgram('merge', '--json', ...args, ...files);
  const merged = JSON.parse(end.lines.join('\n')) as SummaryLine & {
    readonly merged_shards: number;
    readonly missing_shards: readonly number[];
    readonly clock_doubts: readonly string[];
  };
  return { ...end, merged };
}

describe('a load of four shards', () => {
  it('opens as many connections as one generator would, and merges into one run', async () => {
    const server = await startServer();
    const shards = await Promise.all(startShards(server.url, '500ms').map((run) => run.result));
    const { exitStatus, merged, stderr } = await merge('whole', shards);
    assert.equal(exitStatus, 0, stderr);
    assert.equal(merged.connections_opened_total, connections);
    assert.equal(merged.greetings_received_total, connections);
    assert.equal(merged.connections_closed_total, connections);
    assert.equal(merged.latency.connect.count, connections);
    assert.equal(merged.rate_asked_per_s, 1000);
    assert.deepEqual(merged.missing_shards, []);
    assert.deepEqual(merged.clock_doubts, []);
    assert.equal((await server.stats()).connections_opened_total, connections);
    await server.program.stop();
  });

  it('keeps the other shards and says so when one is killed', async () => {
    const server = await startServer();
    const runs = startShards(server.url, '3s');
    const [first, ...others] = runs;
    assert.ok(first);
    await first.waitFor((line) => line.kind === 'phase' && line.phase === 'hold');
    first.child.kill('SIGKILL');
    const killed = await first.result;
    const rest = await Promise.all(others.map((run) => run.result));
    assert.ok(rest.every(({ exitStatus }) => exitStatus === 0));

    const withLines = await merge('killed', [killed, ...rest]);
    assert.equal(withLines.exitStatus, 1);
    assert.match(withLines.stderr, /killed-0\.jsonl: it died without a summary/);
    assert.equal(withLines.merged.connections_opened_total, connections);
    assert.equal(withLines.merged.connections_lost_total, 251);
    assert.equal(withLines.merged.latency.connect.count, connections - 251);

    const withoutIt = await merge('missing', rest);
    assert.equal(withoutIt.exitStatus, 1);
    assert.match(withoutIt.stderr, /1 of 4 shards left nothing \(0\)/);
    assert.equal(withoutIt.merged.connections_opened_total, connections - 251);
    assert.deepEqual(withoutIt.merged.missing_shards, [0]);
    await server.program.stop();
  });
});

describe('tidemark merge', () => {
  it('refuses files that are no shards in one line', async () => {
    const file = join(results.path, 'nothing.json');
    writeFileSync(file, '{}');
    const end = await runProgram('merge', file, join(results.path, 'absent.json'));
    assert.equal(end.exitStatus, 1);
    assertOneLine(end.stderr, /Cannot merge: .*nothing\.json holds no summary.*absent\.json/);
  });
});

describe('generators that wait', () => {
  async function startWaiting(host: string): Promise<{ program: Program; url: string }> {
    const program = startProgram([
      'loadgen',
      '--stand-by',
      `--admin-host=${host}`,
      '--admin-port=0',
      '--json-lines',
    ]);
    const { url } = (await program.nextJsonLine()) as { readonly url: string };
    return { program, url };
  }

  it('share the waves of a bench that watches a running server', async () => {
    const server = await startServer();
    const waiting = await Promise.all(['127.0.0.2', '127.0.0.3', '127.0.0.4'].map(startWaiting));
    const run = startBench(
      results.path,
      ...quickRun,
      // Long enough for a row with the connections of all three, on a busy machine too.
      '--hold=2s',
      '--pid=auto',
      `--url=${server.url}`,
      `--admin-url=${server.document.admin_url}`,
      `--generators=${waiting.map(({ url }) => url).join(',')}`,
    );
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 0, end.stderr);
    const summary = run.summary();
    assert.equal(summary.connections_opened, 400);
    assert.equal(summary.greetings_received, 400);
    assert.deepEqual(summary.discrepancies, []);
    assert.equal(summary.target_facts['pid'], server.document.supervisor_pid);
    const hold = run.samples().filter((row) => row['phase'] === 'hold');
    assert.ok(hold.some((row) => row['connections'] === '200'));
    assert.ok(hold.some((row) => row['target_connections'] === '200'));
    // Three coordinators and their processes, on this machine.
    const pids = new Set(
      run.workers().flatMap((row) => (row['role'] === 'loadgen' ? row['pid'] : [])),
    );
    assert.ok(pids.size >= 6, `${pids.size} generator processes were seen`);

    const metrics = await (await fetch(`${waiting[0]?.url ?? ''}/metrics`)).text();
    assert.match(metrics, /^tidemark_loadgen_connections_opened_total 13[34]$/m);
    assert.match(metrics, /^tidemark_loadgen_connections 0$/m);
    for (const { program } of waiting) assert.equal((await program.stop()).exitStatus, 0);
    await server.program.stop();
  });

  it('fail the run in one line when one of them is killed, or is not there', async () => {
    const server = await startServer();
    const waiting = await startWaiting('127.0.0.2');
    const run = startBench(
      results.path,
      ...quickRun,
      '--hold=1m',
      '--pid=auto',
      `--url=${server.url}`,
      `--generators=${waiting.url}`,
    );
    await until(async () => (await server.stats()).connections === 200);
    waiting.program.child.kill('SIGKILL');
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 1);
    assert.match(end.stderr, /The load generator at http:\/\/127\.0\.0\.2:\d+ broke off/);
    await until(async () => (await server.stats()).connections === 0);

    const late = startBench(
      results.path,
      ...quickRun,
      '--pid=auto',
      `--url=${server.url}`,
      `--generators=${waiting.url}`,
    );
    const refused = await late.program.exit;
    assert.equal(refused.exitStatus, 1);
    assert.match(refused.stderr, /No load generator waits at http:\/\/127\.0\.0\.2/);
    await server.program.stop();
  });

  it('refuse what is no run', async () => {
    const { program, url } = await startWaiting('127.0.0.2');
    const cases = [
      ['[]', 'application/json', 400, /first item is not a ws:/],
      ['["ws://127.0.0.1:1","--stand-by"]', 'application/json', 400, /"--stand-by"/],
      ['["ws://127.0.0.1:1","now"]', 'application/json', 400, /"now"/],
      ['["ws://127.0.0.1:1"]', 'text/plain', 415, /application\/json/],
      [JSON.stringify(['x'.repeat(70_000)]), 'application/json', 413, /65536 bytes/],
    ] as const;
    for (const [body, type, status, reason] of cases) {
      const response = await fetch(`${url}/runs`, {
        method: 'POST',
        body,
        headers: { 'Content-Type': type },
      });
      assert.equal(response.status, status, body.slice(0, 40));
      assert.match(await response.text(), reason);
    }
    assert.equal((await fetch(`${url}/runs`)).status, 405);
    await program.stop();
  });
});
