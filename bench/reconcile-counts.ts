import { monotonicMs } from '../loadgen/generator/clock.js';
import type { Expected } from '../loadgen/report/counts.js';
import { RunError } from '../program/failure.js';
import type { Reading } from './measure/reading.js';
import type { BenchOptions } from './options/bench-options.js';
import { countsOf, type RunState } from './run-state.js';
import type { CountedLoad, CountedTarget } from './events/counts-watch.js';

/** Samples in a row with counts that contradict each other, after which a run is given up: one may be a fluke of the clocks. */
const mostDisagreements = 3;

/** What a run expects of its server, as far as its counts can be held against that while it goes on. */
export function expectedOf({ expectedGreeting }: BenchOptions): Expected {
  return {
    isGreetingRequired: expectedGreeting.kind === 'text',
    hasOpening: false,
    isAnswered: false,
  };
}

/** What the generator has counted last; undefined while there is none, or it is on another machine. */
export function countedLoadOf(state: RunState): CountedLoad | undefined {
  const wave = state.load?.counts();
  const between = state.load?.countedBetween();
  if (wave === undefined || between === undefined) return undefined;
  const originMs = monotonicMs() - performance.now();
  return {
    wave,
    total: countsOf(state),
    earliestMs: between.earliestMs - originMs,
    latestMs: between.latestMs - originMs,
  };
}

/**
 * What the target has counted. Undefined if others may use it as well, if it does not count, or if a worker of it has died: what
 * that had counted since its last report is unknown.
 */
export function countedTargetOf(
  { target }: BenchOptions,
  { stats, atMs, statsMs }: Reading,
): CountedTarget | undefined {
  if (stats === undefined || target.kind === 'process' || stats.workersRestartedTotal > 0)
    return undefined;
  return {
    openedTotal: stats.openedTotal,
    connections: stats.connections,
    beginMs: atMs - stats.oldestReportSeconds * 1000,
    endMs: statsMs,
  };
}

/** Notes that counts contradict each other; from the third time in a row on, that ends the run. */
export function noteDisagreements(state: RunState, found: readonly string[], atMs: number): void {
  state.disagreements = found.length === 0 ? 0 : state.disagreements + 1;
  if (found.length === 0) return;
  const text = found.join('; ');
  state.log.begin({ kind: 'counts_disagree', text: `the counts do not add up: ${text}` }, atMs);
  if (state.disagreements < mostDisagreements) return;
  state.ending.end(
    new RunError(`The counts have not added up at ${mostDisagreements} samples in a row: ${text}`),
  );
}
