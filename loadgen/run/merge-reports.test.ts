import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReportMerger } from './merge-reports.js';
import type { ProcessReport } from '../plan/messages.js';
import { noCounts } from '../report/counts.js';

function reportOf(tick: number, open: number, worstLagMs = 0): ProcessReport {
  const tally = { ...noCounts(), connections: open };
  return {
    takenAtMs: 1000 + tick * 100,
    tally,
    worstLagMs,
    cpuMicros: 0,
    activeSinceMs: 1000,
    lastOpenedMs: 0,
  };
}

describe('ReportMerger', () => {
  it('waits for every live process, and counts each as of the tick', () => {
    const merger = new ReportMerger(2, 1000);
    assert.deepEqual(merger.add(0, 1, reportOf(1, 10, 3)), []);
    assert.deepEqual(merger.add(0, 2, reportOf(2, 20)), []);
    const [line, ...more] = merger.add(1, 1, reportOf(1, 5, 7));
    assert.equal(line?.connections, 15);
    assert.equal(line.lag_ms, 7);
    assert.equal(line.elapsed_s, 0.1);
    assert.deepEqual(more, []);
    assert.equal(merger.end(1, noCounts())[0]?.connections, 20);
  });

  it('makes up for ticks that a process has missed', () => {
    const merger = new ReportMerger(2, 1000);
    merger.add(0, 1, reportOf(1, 10));
    merger.add(0, 2, reportOf(2, 20));
    const lines = merger.add(1, 2, reportOf(2, 5));
    assert.deepEqual(
      lines.map(({ connections }) => connections),
      [10, 25],
    );
  });

  it('prints the same lines whatever the order of arrival between processes', () => {
    const ticks = 5;
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2], { minLength: 15 }),
        (arrivals) => {
          const merger = new ReportMerger(3, 1000);
          const reported = [0, 0, 0];
          const lines = arrivals.flatMap((process) => {
            const tick = (reported[process] ?? 0) + 1;
            reported[process] = tick;
            return merger.add(process, tick, reportOf(tick, tick * 10 ** process));
          });
          assert.deepEqual(
            lines.map(({ connections }) => connections),
            Array.from({ length: ticks }, (_, k) => (k + 1) * 111),
          );
        },
      ),
    );
  });
});
