import type { SummaryLine } from '../report/report-lines.js';
import { mergeSummaries, type ShardSummary } from './merge-summaries.js';

/** The shards of one run, merged. */
export interface MergedRun {
  readonly summary: SummaryLine;
  /** Shards that the run was divided into. */
  readonly shardCount: number;
  /** Numbers of the shards that left nothing, from 0. */
  readonly missing: readonly number[];
  /** What is wrong with the clocks of the shards, in words: then times and rates across shards are not to be trusted. */
  readonly clockDoubts: readonly string[];
}

/** Shards that begin further apart than this did not load the server together. */
const startToleranceMs = 1000;

/** By so much the wall clock may drift from the monotonic one in a run before it counts as stepped. */
const stepToleranceMs = 500;

/**
 * Merges what the shards of one run have left behind, and checks that they belong together.
 * @throws {RangeError} if two have the same number, or they are of runs that were divided differently.
 */
export function mergeRun(shards: readonly ShardSummary[]): MergedRun {
  const counts = new Set(shards.map(({ summary }) => summary.shard_count));
  if (counts.size > 1) {
    throw new RangeError(
      `they are of different runs: divided into ${[...counts].join(' and ')} shards`,
    );
  }
  const byIndex = new Map<number, ShardSummary>();
  for (const shard of shards) {
    const { shard_index: index, shard_count: count } = shard.summary;
    const same = byIndex.get(index);
    if (same !== undefined) {
      throw new RangeError(`${same.name} and ${shard.name} are both shard ${index} of ${count}`);
    }
    byIndex.set(index, shard);
  }
  const [shardCount = 0] = counts;
  const missing = Array.from({ length: shardCount }, (_, index) => index).filter(
    (index) => !byIndex.has(index),
  );
  return {
    summary: withMissing(mergeSummaries(shards), missing, shardCount),
    shardCount,
    missing,
    clockDoubts: findClockDoubts(shards),
  };
}

/** Returns, in words, which shards did not begin together, and whose clock was stepped during the run. */
export function findClockDoubts(shards: readonly ShardSummary[]): string[] {
  const starts = shards.map(({ summary }) => Date.parse(summary.started_at));
  const firstMs = Math.min(...starts);
  return shards.flatMap(({ name, summary }, index) => {
    const doubts: string[] = [];
    const lateMs = (starts[index] ?? firstMs) - firstMs;
    if (lateMs > startToleranceMs) {
      doubts.push(
        `${name} began ${seconds(lateMs)} after the first by its own clock: give all the same --start-at, and keep their clocks in step`,
      );
    }
    const wallMs = Date.parse(summary.ended_at) - Date.parse(summary.started_at);
    const steppedMs = wallMs - summary.elapsed_s * 1000;
    if (Math.abs(steppedMs) > stepToleranceMs) {
      doubts.push(`the clock of ${name} was moved by ${seconds(steppedMs)} during the run`);
    }
    return doubts;
  });
}

function withMissing(
  summary: SummaryLine,
  missing: readonly number[],
  shardCount: number,
): SummaryLine {
  if (missing.length === 0) return summary;
  const lacking = `${missing.length} of ${shardCount} shards left nothing (${missing.join(', ')}), so their connections are not counted`;
  const reason = summary.reason === undefined ? lacking : `${lacking}; ${summary.reason}`;
  return { ...summary, outcome: 'failed', reason };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
