import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import type { JudgedRecord } from './run-record.js';
import { describeEvent, type EventKind, type RunEvent } from '../results/run-event.js';
import type { TargetStats } from '../targets/target.js';

/** Returns in words what did not add up in a run: in the generator's own counts, and between them and the target's. */
export function findDiscrepancies({ outcome, waves, finalStats }: JudgedRecord): string[] {
  return [
    ...waves.flatMap((wave, index) =>
      wave.discrepancies.map((text) => `wave ${index + 1}: ${text}`),
    ),
    // A run that was cut short leaves connections that the target has yet to see the end of.
    ...(finalStats === undefined || outcome !== 'completed'
      ? []
      : compareCounts(waves, finalStats)),
  ];
}

/**
 * Says in words where the target's own counts differ from the generator's. A handshake that the generator gave up may have
 * succeeded on the target's side, so failed ones may or may not count there.
 */
export function compareCounts(waves: readonly SummaryLine[], stats: TargetStats): string[] {
  const sum = (pick: (wave: SummaryLine) => number): number =>
    waves.reduce((total, wave) => total + pick(wave), 0);
  const opened = sum((wave) => wave.connections_opened_total);
  const failed = sum((wave) => wave.connect_errors_total);
  const greeted = sum((wave) => wave.greetings_received_total);
  const found: string[] = [];
  if (stats.openedTotal < opened || stats.openedTotal > opened + failed) {
    found.push(
      `the target opened ${stats.openedTotal} connections, the generator ${opened} (and ${failed} failed)`,
    );
  }
  if (stats.greetingsSentTotal < greeted) {
    found.push(
      `the target sent ${stats.greetingsSentTotal} greetings, the generator received ${greeted}`,
    );
  }
  // The target may think that silent clients are still there.
  const silent = sum((wave) => wave.connections_ended_silently_total);
  if (stats.connections > silent) {
    found.push(
      `the target still counts ${stats.connections} connections, the generator ${silent === 0 ? 'none' : `at most ${silent} that went silent`}`,
    );
  }
  return found;
}

/** Kinds of events after which neither memory nor counts can be compared. */
const disturbing: ReadonlySet<EventKind> = new Set(['frozen', 'counts_disagree']);

/** Picks the events that make a run unfit for a verdict. A process counts that was there from the beginning, and ended. */
export function findDisturbances(events: readonly RunEvent[]): readonly RunEvent[] {
  const begun = new Set(
    events.flatMap(({ kind, pid }) => (kind === 'process_started' ? [pid] : [])),
  );
  return events.filter(
    ({ kind, pid }) => disturbing.has(kind) || (kind === 'process_ended' && !begun.has(pid)),
  );
}

/** Ends that are told in full; many workers may die of the same cause. */
const mostEnds = 3;

/** Says which processes of the target ended by themselves; undefined if none did. */
export function describeLost(events: readonly RunEvent[]): string | undefined {
  const ends = findDisturbances(events).filter(({ kind }) => kind === 'process_ended');
  if (ends.length === 0) return undefined;
  const told = ends.slice(0, mostEnds).map(describeEvent).join('; ');
  return ends.length > mostEnds ? `${told}; and ${ends.length - mostEnds} more` : told;
}

/** Share of the connections that may be missing before the memory is doubted. */
const missingShare = 0.01;

/** Says what makes the memory of a run unfit for a verdict. A slow generator does not, if all connections opened. */
export function findDoubts(record: JudgedRecord, discrepancies: readonly string[]): string[] {
  const { finalStats, lastTold } = record;
  const waves = [...record.waves, ...(lastTold === undefined ? [] : [lastTold.counts])];
  const asked = record.waveSizes.reduce((sum, size) => sum + size, 0);
  const opened = waves.reduce((sum, wave) => sum + wave.connections_opened_total, 0);
  const lost = waves.reduce((sum, wave) => sum + wave.connections_lost_total, 0);
  const restarted = finalStats?.workersRestartedTotal ?? 0;
  return [
    ...(record.outcome === 'completed' ? [] : [`the run was ${record.outcome}`]),
    ...(opened < asked * (1 - missingShare)
      ? [`only ${opened} of ${asked} connections opened`]
      : []),
    ...(lost > asked * missingShare ? [`${lost} of ${asked} connections were lost`] : []),
    ...(restarted > 0 ? [`${restarted} workers of the target died and were replaced`] : []),
    ...findDisturbances(record.events).map(describeEvent),
    ...discrepancies.map((text) => `the counts do not add up: ${text}`),
  ];
}
