/** What nobody planned in a run: it goes on, says what happened and when, and does not pass for a good one if it is none. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../../bench/results/run-event.js';
import {
  assertAllGone,
  type BenchRun,
  createResultsFolder,
  freePort,
  latestPids,
  quickRun,
  startBench,
  untilPhase,
} from './bench-process.js';
import { leavingServer } from './leaving-server.js';

/** So long that two looks, a second apart, see it. */
const frozenMs = 2500;

const results = createResultsFolder();
after(results.remove);

/** Freezes a process in the hold of the only wave, and lets it go on. */
async function freeze(
  pick: (run: BenchRun) => number | undefined,
  ms: number,
  ...args: readonly string[]
): Promise<{ readonly run: BenchRun; readonly pid: number }> {
  const run = startBench(results.path, ...quickRun, '--waves=1', '--hold=6s', ...args);
  await untilPhase(run, 1, 'hold');
  const pid = pick(run);
  assert.ok(pid !== undefined);
  process.kill(pid, 'SIGSTOP');
  await sleep(ms);
  process.kill(pid, 'SIGCONT');
  return { run, pid };
}

/** Fails unless the run has ended with one event of somebody frozen, and says so. */
async function assertFrozen(run: BenchRun, facts: Partial<RunEvent>, says: RegExp): Promise<void> {
  const { exitStatus, stderr } = await run.program.exit;
  const summary = run.summary();
  assert.equal(exitStatus, 1, stderr);
  assert.match(stderr, says);
  assert.equal(summary.outcome, 'completed');
  assert.equal(summary.verdict, 'inconclusive');
  assert.match(summary.verdict_reason, says);
  const frozen = summary.events.filter(({ kind }) => kind === 'frozen');
  assert.equal(frozen.length, 1, JSON.stringify(summary.events));
  const [event] = frozen;
  assert.deepEqual({ ...event, wave: 1, phase: 'hold', ...facts }, event);
  assert.ok(event?.duration_s !== undefined && event.duration_s > 0);
  await assertAllGone(run);
}

describe('a run of tidemark bench in which a process is frozen for a time', () => {
  it('says which worker of the target it was', async () => {
    const { run, pid } = await freeze((each) => latestPids(each, 'target')[1], frozenMs);
    await assertFrozen(
      run,
      { role: 'target', pid },
      new RegExp(`for \\d\\.\\d s: process ${pid} of the target was stopped`),
    );
  });

  it('says which process of the load generator it was', async () => {
    const { run, pid } = await freeze((each) => latestPids(each, 'loadgen')[1], frozenMs);
    await assertFrozen(
      run,
      { role: 'loadgen', pid },
      new RegExp(`process ${pid} of the load generator was stopped`),
    );
  });

  it('says that it was the coordinator', async () => {
    const { run, pid } = await freeze((each) => latestPids(each, 'loadgen')[0], frozenMs);
    await assertFrozen(
      run,
      { role: 'loadgen', pid },
      new RegExp(`process ${pid} of the load generator was stopped`),
    );
  });

  it('says that it was the bench itself', async () => {
    const { run, pid } = await freeze((each) => each.program.child.pid, 4500);
    await assertFrozen(run, { role: 'bench', pid }, /the bench itself \(process \d+\) stood still/);
  });
});

describe('a run of tidemark bench whose target goes away for a time', () => {
  it('goes on, and says when nothing listened', async (t) => {
    const port = await freePort();
    const server = spawn(process.execPath, ['-e', leavingServer, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => server.kill('SIGKILL'));
    await once(server.stdout, 'data');
    const run = startBench(
      results.path,
      ...quickRun,
      '--waves=1',
      '--hold=6s',
      `--pid=${server.pid ?? 0}`,
      `--url=ws://127.0.0.1:${port}`,
      '--no-greeting',
    );
    await untilPhase(run, 1, 'hold');
    server.kill('SIGUSR2');
    const { exitStatus, stderr } = await run.program.exit;
    assert.equal(exitStatus, 0, stderr);
    const { events, outcome, connections_closed: closed, connections_lost: lost } = run.summary();
    assert.equal(outcome, 'completed');
    assert.deepEqual([closed, lost], [200, 0]);
    assert.deepEqual(
      events.map(({ kind, wave, phase }) => ({ kind, wave, phase })),
      [{ kind: 'port_away', wave: 1, phase: 'hold' }],
    );
    assert.match(stderr, /Event: At [\d.]+ s \(wave 1, hold\), for \d\.\d s: nothing listened/);
  });
});
