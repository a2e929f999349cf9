import { Latencies, type LatencySummary } from '../report/latencies.js';
import { addCounts } from '../report/counts.js';
import type { SummaryLine } from '../report/report-lines.js';

/** What one shard of a run has left behind. */
export interface ShardSummary {
  /** What people call it: the file it was read from, or the host it ran on. */
  readonly name: string;
  readonly summary: SummaryLine;
}

/**
 * Merges the summaries of the shards of one run, as if one generator had done it all. Counts add up; latency
 * distributions add up exactly, so percentiles are those of all values together. Times count from the earliest start,
 * by the clocks of the shards. `peak_connections` is the sum of the shards' peaks: the most that can have been open at
 * once. CPU is added up, `busiest_…` is the largest.
 * @throws {RangeError} if there is no shard, or they went to different addresses.
 */
export function mergeSummaries(shards: readonly ShardSummary[]): SummaryLine {
  const [first] = shards;
  if (first === undefined) throw new RangeError('there is no summary to merge');
  if (shards.length === 1) return { ...first.summary, shard_index: 0, shard_count: 1 };
  const summaries = shards.map(({ summary }) => summary);
  const urls = new Set(summaries.map(({ url }) => url));
  if (urls.size > 1)
    throw new RangeError(`they went to different addresses: ${[...urls].join(', ')}`);
  const counts = addCounts(summaries);
  const startMs = Math.min(...summaries.map(startOf));
  const lastOf = (pick: (summary: SummaryLine) => number): number =>
    Math.max(...summaries.map((each) => (startOf(each) - startMs) / 1000 + pick(each)));
  const rampSeconds = lastOf(({ ramp_s }) => ramp_s);
  const saturation = shards.flatMap((shard) => prefixed(shard, shard.summary.saturation));
  const churns = summaries.some((each) => each.churns);
  return {
    version: first.summary.version,
    kind: 'summary',
    url: first.summary.url,
    shard_index: 0,
    shard_count: 1,
    started_at: new Date(startMs).toISOString(),
    ended_at: new Date(
      Math.max(...summaries.map(({ ended_at }) => Date.parse(ended_at))),
    ).toISOString(),
    ...counts,
    processes: total(summaries, ({ processes }) => processes),
    processes_lost: total(summaries, ({ processes_lost }) => processes_lost),
    elapsed_s: lastOf(({ elapsed_s }) => elapsed_s),
    ramp_s: rampSeconds,
    peak_connections: total(summaries, ({ peak_connections }) => peak_connections),
    ...rateAsked(summaries),
    rate_achieved_per_s: churns
      ? total(summaries, ({ rate_achieved_per_s }) => rate_achieved_per_s)
      : counts.connections_opened_total / Math.max(rampSeconds, Number.EPSILON),
    churns,
    closes_per_s: total(summaries, ({ closes_per_s }) => closes_per_s),
    latency: mergeLatency(summaries),
    cpu_percent: total(summaries, ({ cpu_percent }) => cpu_percent),
    busiest_process_cpu_percent: most(summaries, (each) => each.busiest_process_cpu_percent),
    ramp_cpu_percent: total(summaries, ({ ramp_cpu_percent }) => ramp_cpu_percent),
    busiest_process_ramp_cpu_percent: most(
      summaries,
      (each) => each.busiest_process_ramp_cpu_percent,
    ),
    saturated: saturation.length > 0,
    saturation,
    discrepancies: shards.flatMap((shard) => prefixed(shard, shard.summary.discrepancies)),
    ...mergeOutcomes(shards),
  };
}

function mergeLatency(summaries: readonly SummaryLine[]): SummaryLine['latency'] {
  const merge = (name: keyof SummaryLine['latency']): LatencySummary => {
    const all = new Latencies();
    for (const { latency } of summaries) all.add(new Latencies(latency[name].histogram));
    return all.summarize();
  };
  return {
    connect: merge('connect'),
    greeting: merge('greeting'),
    echo: merge('echo'),
    lag: merge('lag'),
  };
}

function mergeOutcomes(shards: readonly ShardSummary[]): Pick<SummaryLine, 'outcome' | 'reason'> {
  const ended = shards.filter(({ summary }) => summary.outcome !== 'completed');
  if (ended.length === 0) return { outcome: 'completed' };
  const outcome = ended.some(({ summary }) => summary.outcome === 'failed')
    ? 'failed'
    : 'interrupted';
  const reasons = ended.map(({ name, summary }) => `${name}: ${summary.reason ?? summary.outcome}`);
  return { outcome, reason: reasons.join('; ') };
}

function rateAsked(summaries: readonly SummaryLine[]): Pick<SummaryLine, 'rate_asked_per_s'> {
  const rates = summaries.map(({ rate_asked_per_s }) => rate_asked_per_s);
  const known = rates.filter((rate) => rate !== undefined);
  if (known.length < rates.length) return {};
  return { rate_asked_per_s: known.reduce((sum, rate) => sum + rate, 0) };
}

function startOf({ started_at }: SummaryLine): number {
  return Date.parse(started_at);
}

function total<Item>(all: readonly Item[], pick: (item: Item) => number): number {
  return all.reduce((sum, each) => sum + pick(each), 0);
}

function most<Item>(all: readonly Item[], pick: (item: Item) => number): number {
  return Math.max(...all.map(pick));
}

function prefixed({ name }: ShardSummary, texts: readonly string[]): string[] {
  return texts.map((text) => `${name}: ${text}`);
}
