import { monotonicMs } from '../loadgen/generator/clock.js';
import type { Expected } from '../loadgen/report/counts.js';
import { RunError } from '../program/failure.js';
import type { Reading } from './measure/reading.js';
import type { BenchOptions } from './options/bench-options.js';
import { countsOf, type RunState } from './run-state.js';
import { type CountedLoad, type CountedTarget, CountsWatch } from './events/counts-watch.js';

/** Samples in a row with counts that contradict each other, after which a run is given up: one may be a fluke of the clocks. */
const mostDisagreements = 3;

/**
 * Holds the counts of the generator against each other and against those of the target, sample by sample. What contradicts itself is
 * an event; from the third time in a row on, it ends the run.
 * @returns what begins that for a sample with the counts of the generator, and ends it with what was read then
 */
export function reconcileCounts(state: RunState): () => (reading: Reading) => void {
  const { options, log, ending } = state;
  const watch = new CountsWatch(expectedOf(options));
  let disagreements = 0;
  return () => {
    const load = countedLoadOf(state);
    return (reading) => {
      const found = watch.take(load, countedTargetOf(options, reading));
      disagreements = found.length === 0 ? 0 : disagreements + 1;
      if (found.length === 0) return;
      const text = found.join('; ');
      const facts = { kind: 'counts_disagree', text: `the counts do not add up: ${text}` } as const;
      log.begin(facts, reading.atMs);
      if (disagreements < mostDisagreements) return;
      ending.end(
        new RunError(
          `The counts have not added up at ${mostDisagreements} samples in a row: ${text}`,
        ),
      );
    };
  };
}

/** What a run expects of its server, as far as its counts can be held against that while it goes on. */
function expectedOf({ expectedGreeting }: BenchOptions): Expected {
  return {
    isGreetingRequired: expectedGreeting.kind === 'text',
    hasOpening: false,
    isAnswered: false,
  };
}

/** What the generator has counted last; undefined while there is none, or it is on another machine. */
function countedLoadOf(state: RunState): CountedLoad | undefined {
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
function countedTargetOf(
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
