import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReportMerger, type TickReport } from './merge-reports.js';
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

/** A report for one tick alone, or one that holds for longer. */
function told(tick: number, report: ProcessReport, holdsUntil = tick): TickReport {
  return { tick, holdsUntil, report };
}

describe('ReportMerger', () => {
  it('does not wait for a process that has said that it will have nothing to tell', () => {
    const merger = new ReportMerger(2, 1000);
    assert.deepEqual(merger.add(0, told(1, reportOf(1, 10), 5)), []);
    assert.equal(merger.add(1, told(1, reportOf(1, 1)))[0]?.connections, 11);
    assert.equal(merger.add(1, told(2, reportOf(2, 2)))[0]?.connections, 12);
    // It has something to tell after all.
    assert.deepEqual(merger.add(0, told(3, reportOf(3, 9))), []);
    assert.equal(merger.add(1, told(3, reportOf(3, 3)))[0]?.connections, 12);
    assert.deepEqual(merger.add(1, told(4, reportOf(4, 4))), []);
  });

  it('writes no line ahead of time where all have said so', () => {
    const merger = new ReportMerger(2, 1000);
    merger.add(0, told(1, reportOf(1, 10), 5));
    assert.equal(merger.add(1, told(1, reportOf(1, 1), 5)).length, 1);
    assert.equal(merger.add(1, told(2, reportOf(2, 2), 6))[0]?.connections, 12);
  });

  it('waits for every live process, and counts each as of the tick', () => {
    const merger = new ReportMerger(2, 1000);
    assert.deepEqual(merger.add(0, told(1, reportOf(1, 10, 3))), []);
    assert.deepEqual(merger.add(0, told(2, reportOf(2, 20))), []);
    const [line, ...more] = merger.add(1, told(1, reportOf(1, 5, 7)));
    assert.equal(line?.connections, 15);
    assert.equal(line.lag_ms, 7);
    assert.equal(line.elapsed_s, 0.1);
    assert.deepEqual(more, []);
    assert.equal(merger.end(1, noCounts())[0]?.connections, 20);
  });

  it('makes up for ticks that a process has missed', () => {
    const merger = new ReportMerger(2, 1000);
    merger.add(0, told(1, reportOf(1, 10)));
    merger.add(0, told(2, reportOf(2, 20)));
    const lines = merger.add(1, told(2, reportOf(2, 5)));
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
            return merger.add(process, told(tick, reportOf(tick, tick * 10 ** process)));
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
