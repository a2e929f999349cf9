import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addCounts, type LoadCounts } from '../../loadgen/report/counts.js';
import { type PhaseLine, reportVersion } from '../../loadgen/report/report-lines.js';
import { exampleSummary } from '../../loadgen/shards/example-summary.fixture.js';
import { ShardLines } from './shard-lines.js';

function counts(opened: number, changes: Partial<LoadCounts> = {}): LoadCounts {
  return {
    ...addCounts([]),
    connections_opened_total: opened,
    connections: opened,
    ...changes,
  };
}

function progress(opened: number, lagMs = 0) {
  return {
    kind: 'progress',
    monotonic_ms: 0,
    oldest_monotonic_ms: 0,
    elapsed_s: 0,
    lag_ms: lagMs,
    ...counts(opened),
  } as const;
}

function phase(name: PhaseLine['phase'], opened = 0): PhaseLine {
  return { kind: 'phase', phase: name, monotonic_ms: 0, counts: counts(opened) };
}

function started(pid: number, space: string) {
  return {
    version: reportVersion,
    kind: 'started',
    url: 'ws://127.0.0.1:1',
    shard_index: 0,
    shard_count: 1,
    started_at: '2026-01-31T12:00:00.000Z',
    coordinator_pid: pid,
    process_pids: [pid + 1],
    process_space: space,
  } as const;
}

describe('ShardLines', () => {
  it('ramps with the first, holds with the last, drains with the first, ends with the last', () => {
    const heard: string[] = [];
    const lines = new ShardLines(2, (name) => heard.push(name));
    const steps: readonly [number, PhaseLine['phase'], readonly string[]][] = [
      [0, 'ramp', ['ramp']],
      [1, 'ramp', ['ramp']],
      [1, 'hold', ['ramp']],
      [0, 'hold', ['ramp', 'hold']],
      [1, 'drain', ['ramp', 'hold', 'drain']],
      [1, 'ended', ['ramp', 'hold', 'drain']],
      [0, 'drain', ['ramp', 'hold', 'drain']],
      [0, 'ended', ['ramp', 'hold', 'drain', 'ended']],
    ];
    for (const [index, name, expected] of steps) {
      lines.take(index, phase(name));
      assert.deepEqual(heard, expected, `${index} ${name}`);
    }
  });

  it('goes to the drain without a hold if one gives up in the ramp', () => {
    const heard: string[] = [];
    const lines = new ShardLines(2, (name) => heard.push(name));
    for (const name of ['ramp', 'drain', 'ended'] as const) lines.take(0, phase(name));
    assert.deepEqual(heard, ['ramp', 'drain']);
  });

  it('adds the latest counts of all, a summary being later than any line', () => {
    const lines = new ShardLines(2, () => undefined);
    const openedTotal = () => lines.counts?.connections_opened_total;
    assert.equal(openedTotal(), undefined);
    lines.take(0, progress(100));
    lines.take(1, progress(50));
    lines.take(1, phase('hold', 40));
    assert.equal(openedTotal(), 150);
    lines.take(0, exampleSummary(120));
    assert.equal(openedTotal(), 170);
    assert.deepEqual(
      lines.summaries.map((each) => each?.connections_opened_total),
      [120, undefined],
    );
  });

  it('tells last counts as of generators that have died, apart from those with a summary', () => {
    const lines = new ShardLines(2, () => undefined);
    const last = () => lines.lastCounts;
    assert.equal(last(), undefined);
    lines.take(0, progress(100));
    lines.take(1, exampleSummary(50));
    assert.equal(last()?.connections_opened_total, 150);
    assert.equal(last()?.connections, 0);
    assert.equal(last()?.connections_lost_total, 100);
  });

  it('tells the worst delay once', () => {
    const lines = new ShardLines(2, () => undefined);
    lines.take(0, progress(1, 3));
    lines.take(0, progress(2, 1));
    lines.take(1, progress(1, 2));
    assert.equal(lines.takeLagMs(), 3);
    assert.equal(lines.takeLagMs(), undefined);
  });

  it('tells only process ids that mean the same here', () => {
    const lines = new ShardLines(3, () => undefined);
    lines.take(0, started(10, 'here'));
    lines.take(1, started(20, 'elsewhere'));
    lines.take(2, started(30, 'here'));
    assert.deepEqual(lines.pidsIn('here'), [10, 11, 30, 31]);
    assert.deepEqual(lines.pidsIn(''), []);
  });
});
