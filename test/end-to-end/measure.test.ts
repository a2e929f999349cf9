/** The bench as tests of other people's servers use it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { measure, type MeasureOptions } from '../../bench/api/measure.js';
import { knownServers } from '../ground-truth/known-servers.js';
import {
  assertAllGone,
  type BenchResults,
  createResultsFolder,
  freePort,
  readResults,
} from './bench-process.js';
import { runProgram, until } from './program.js';

const results = createResultsFolder();
after(results.remove);

const quick = {
  connections: 200,
  rate: 1000,
  waves: 2,
  baseline: '200ms',
  hold: '300ms',
  rest: '300ms',
  interval: '100ms',
} as const;

/** Options that measure a `ws` server which behaves so, with results in a new folder. */
async function optionsFor(...behaviour: readonly string[]): Promise<MeasureOptions> {
  const port = await freePort();
  const command = `exec ${knownServers.ws.command(port, behaviour, results.path).join(' ')}`;
  const out = mkdtempSync(join(results.path, 'run-'));
  return { ...quick, command, url: `ws://127.0.0.1:${port}`, out };
}

/** Waits until all connections of a run are open, and returns what reads its results. */
async function untilHeld(out: string): Promise<BenchResults> {
  const run = readResults(out, () => true);
  // Step by step, as each may take a while on a busy machine.
  await until(() => existsSync(join(out, 'samples.csv')));
  for (const phase of ['baseline', 'ramp', 'hold']) {
    await until(() =>
      run.samples().some((row) => row['phase'] === phase || row['phase'] === 'hold'),
    );
  }
  return run;
}

describe('measure()', () => {
  it('returns what the bench has found, and leaves its files', async () => {
    const options = await optionsFor('none', '0');
    const run = await measure(options);
    assert.equal(run.folder, options.out);
    assert.equal(run.summary.outcome, 'completed');
    assert.equal(run.summary.connections_opened, 400);
    assert.deepEqual(
      [run.verdict, run.reason, run.bytesPerConnection],
      [
        run.summary.verdict,
        run.summary.verdict_reason,
        run.summary.bytes_per_connection ?? Number.NaN,
      ],
    );
    assert.ok(existsSync(join(run.folder, 'report.html')));
    await assertAllGone(readResults(run.folder, () => false));
  });

  it('finds a leak', async () => {
    const options = await optionsFor('leak-js', '16384');
    const run = await measure({ ...options, waves: 4, hold: '600ms', rest: '600ms' });
    assert.equal(run.verdict, 'growing', run.reason);
  });

  it('throws what the command line says of options that are wrong', async () => {
    const wrong = { connections: 0, interval: '5' } as const;
    const end = await runProgram('bench', '--connections=0', '--interval=5');
    assert.equal(end.exitStatus, 2);
    await assert.rejects(measure(wrong), {
      message: end.stderr.replace(/^tidemark: /, '').trimEnd(),
    });
    await assert.rejects(
      measure({ conections: 5 } as MeasureOptions),
      /^Error: unknown option '--conections=5'.*--connections/,
    );
  });

  it('throws why a server can not be measured', async () => {
    const options = await optionsFor('none', '0');
    await assert.rejects(
      measure({ ...options, command: 'echo no such table >&2; exit 7' }),
      /^Error: "echo no such table .* ended with status 7: no such table[^\n]*; 0 samples are kept in [^\n]*$/,
    );
  });

  it('ends all that it has started when it is aborted, and throws the reason', async (t: TestContext) => {
    const options = await optionsFor('none', '0');
    const abort = new AbortController();
    t.after(() => {
      abort.abort();
    });
    const measured = measure({ ...options, hold: '5m', signal: abort.signal });
    const thrown = assert.rejects(measured, new Error('enough'));
    const run = await untilHeld(options.out ?? '');
    abort.abort(new Error('enough'));
    await thrown;
    await assertAllGone(run);
    assert.equal(run.summary().outcome, 'interrupted');
    await assert.rejects(measure({ ...options, signal: abort.signal }), new Error('enough'));
  });

  it('ends it also when the test itself is killed', async (t: TestContext) => {
    const options = await optionsFor('none', '0');
    const module = new URL('../../bench/api/measure.js', import.meta.url).href;
    const script = `import { measure } from ${JSON.stringify(module)};
      await measure(${JSON.stringify({ ...options, hold: '5m' })});`;
    const test = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: 'inherit',
    });
    t.after(() => test.kill('SIGKILL'));
    const run = await untilHeld(options.out ?? '');
    test.kill('SIGKILL');
    await assertAllGone(run);
    await until(() => existsSync(join(run.folder, 'summary.json')));
    assert.match(run.summary().reason ?? '', /the program that started this one has ended/);
  });
});
