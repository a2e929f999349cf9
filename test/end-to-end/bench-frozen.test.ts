/** Freezes what takes part in a run: it goes on, says who stood still and when, and does not pass for a good one. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../../bench/results/run-event.js';
import {
  assertAllGone,
  type BenchRun,
  createResultsFolder,
  latestPids,
  quickRun,
  startBench,
  untilPhase,
} from './bench-process.js';

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
