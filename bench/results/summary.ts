import { Latencies, type LatencySummary } from '../../loadgen/latencies.js';
import type { FailureCode } from '../../loadgen/failure-codes.js';
import type { SummaryLine } from '../../loadgen/report-lines.js';
import { addCounts, type CountName, countNames, type LoadCounts } from '../../loadgen/counts.js';
import type { FloorFacts } from '../measure/floor.js';
import type { NativeMemory } from '../measure/jvm/native-memory.js';
import type { Allocator } from '../targets/allocator.js';
import { known } from './known-field.js';
import type { OomKill } from '../measure/memory-limit-watch.js';
import { findDiscrepancies, findDoubts } from '../verdict/reliability.js';
import { type Owner, ownerKeys, owners } from './owners.js';
import type { SampleRow } from './sample-columns.js';
import type { TargetStats } from '../targets/target.js';
import { summarizeVerdict, type VerdictFields } from '../verdict/verdict-fields.js';
import {
  describeWave,
  findFloor,
  median,
  type MemoryFigure,
  type MemoryFigures,
  type WaveMemory,
} from './wave-figures.js';

/** Version of summary.json; it grows when a field changes its meaning or goes away. */
export const summaryVersion = 1;

/** How a run ended. */
export type Outcome = 'completed' | 'interrupted' | 'failed';

/** One finished wave in summary.json. */
export interface WaveSummary extends Partial<WaveMemory> {
  readonly wave: number;
  readonly connections_opened: number;
  readonly greetings_received: number;
  readonly connect_errors: number;
  readonly connections_lost: number;
  readonly ramp_s: number;
  readonly connect_rate_per_s: number;
  readonly floor_before: MemoryFigures;
  /** What each JVM of the target had committed natively at the floor, by its process id. */
  readonly jvm_native_memory?: Readonly<Record<string, NativeMemory>>;
}

const latencyPercentiles = ['p50', 'p90', 'p99', 'p999', 'max'] as const;

type LatencyField =
  `${'connect' | 'greeting' | 'echo'}_${(typeof latencyPercentiles)[number]}_ms`;

/** The percentiles of each latency, from the scheduled moment, as flat fields: `connect_p99_ms`. */
export const latencyFieldNames = (['connect', 'greeting', 'echo'] as const).flatMap((name) =>
  latencyPercentiles.map((percentile): LatencyField => `${name}_${percentile}_ms`),
);

type LatencyFields = Readonly<Partial<Record<LatencyField, number>>>;

/** The totals of all waves, each under its name without `_total`: `connections_opened`. */
type TotalFields = {
  readonly [Name in CountName as Name extends `${infer Base}_total`
    ? Exclude<Base, 'errors'>
    : never]: number;
};

/** The names of {@link TotalFields}. */
export const totalNames = countNames
  .filter((name) => name.endsWith('_total') && name !== 'errors_total')
  .map((name) => name.slice(0, -'_total'.length)) as (keyof TotalFields)[];

/**
 * The median over the waves of (hold − baseline) ÷ connections, by owner. The JS heap's is negative if the start left more
 * garbage than the connections did; the kernel's is of the whole machine: of both ends if the generator runs on it too.
 */
type OwnerFields = Readonly<
  Partial<Record<(typeof owners)[Owner]['perConnection'], number>>
>;

/** The document summary.json. Fields for assertions are flat; a figure that could not be had is missing. */
export interface RunSummary extends LatencyFields, TotalFields, OwnerFields, VerdictFields {
  readonly schema_version: typeof summaryVersion;
  readonly tidemark_version: string;
  readonly outcome: Outcome;
  /** Why the run was not completed, or is not to be trusted. */
  readonly reason?: string;
  readonly started_at: string;
  readonly duration_s: number;
  readonly command_line: readonly string[];
  readonly target: string;
  readonly target_facts: Readonly<Record<string, unknown>>;
  /** The native build that the target runs, in words. */
  readonly target_build?: string;
  readonly allocator: Allocator;
  readonly connections: number;
  readonly waves_asked: number;
  readonly waves_completed: number;
  readonly errors: Readonly<Partial<Record<FailureCode, number>>>;
  readonly errors_total: number;
  /** What was said of errors, by code and text, and how often: what a server answered, why a certificate was refused. */
  readonly error_details?: Readonly<Record<string, number>>;
  readonly connect_rate_asked_per_s: number | 'max';
  /** Median over the waves. */
  readonly connect_rate_per_s?: number;
  /** Resident bytes of the target per open connection: (hold − baseline) ÷ connections, the median over the waves. */
  readonly rss_bytes_per_connection?: number;
  /** The same for PSS, which falls when other programs begin to share the target's binaries. */
  readonly pss_bytes_per_connection?: number;
  /** Resident, but not part of a binary or library. */
  readonly private_bytes_per_connection?: number;
  /** Private, but not JS heap. */
  readonly native_bytes_per_connection?: number;
  readonly baseline: MemoryFigures;
  readonly waves: readonly WaveSummary[];
  readonly target_workers_restarted?: number;
  /** Processes of the target that the kernel has killed because memory ran out; missing if there was none. */
  readonly oom_kill?: OomKill;
  /** What did not add up, in words. */
  readonly discrepancies: readonly string[];
  /** What other than the target limited the run, in words. */
  readonly bottlenecks: readonly string[];
  readonly samples: number;
  readonly samples_skipped: number;
  readonly latency_histograms: Readonly<Record<'connect' | 'greeting' | 'echo' | 'lag', string>>;
}

/** All that a run leaves behind, from which its summary is made. */
export interface RunRecord {
  readonly outcome: Outcome;
  readonly reason: string | undefined;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly commandLine: readonly string[];
  readonly tidemarkVersion: string;
  readonly target: string;
  readonly targetFacts: Readonly<Record<string, unknown>>;
  readonly targetBuild: string | undefined;
  readonly allocator: Allocator;
  readonly connections: number;
  readonly wavesAsked: number;
  readonly rateAsked: number | 'max';
  readonly rows: readonly SampleRow[];
  readonly samplesSkipped: number;
  /** One per wave whose generator has ended with a summary, in order. */
  readonly waves: readonly SummaryLine[];
  /** The target's own figures after the last rest; undefined if it has none or is gone. */
  readonly finalStats: TargetStats | undefined;
  /** What was found at the baseline and after each wave. */
  readonly floors: readonly FloorFacts[];
  readonly oomKill: OomKill | undefined;
}

/** Makes the summary of a run, complete or not. */
export function summarizeRun(record: RunRecord): RunSummary {
  const { waves, rows, finalStats } = record;
  const waveSummaries = summarizeWaves(rows, waves, record.floors);
  const discrepancies = findDiscrepancies(record);
  const counts = addCounts(waves);
  const { errors, error_details: details } = counts;
  return {
    schema_version: summaryVersion,
    tidemark_version: record.tidemarkVersion,
    outcome: record.outcome,
    ...(record.reason === undefined ? {} : { reason: record.reason }),
    started_at: record.startedAt,
    duration_s: record.durationSeconds,
    command_line: record.commandLine,
    target: record.target,
    target_facts: record.targetFacts,
    ...(record.targetBuild === undefined ? {} : { target_build: record.targetBuild }),
    allocator: record.allocator,
    connections: record.connections,
    waves_asked: record.wavesAsked,
    waves_completed: waves.filter((wave) => wave.outcome === 'completed').length,
    ...totalsOf(counts),
    errors,
    ...(details === undefined ? {} : { error_details: details }),
    errors_total: counts.errors_total,
    connect_rate_asked_per_s: record.rateAsked,
    ...known('connect_rate_per_s', median(waves.map((wave) => wave.rate_achieved_per_s))),
    ...summarizeVerdict(record, findDoubts(record, discrepancies)),
    ...perConnectionFields(waveSummaries),
    baseline: findFloor(rows, 0, 'baseline'),
    waves: waveSummaries,
    ...known('target_workers_restarted', finalStats?.workersRestartedTotal),
    ...(record.oomKill === undefined ? {} : { oom_kill: record.oomKill }),
    discrepancies,
    bottlenecks: waves.flatMap((wave, index) =>
      wave.saturation.map((text) => `wave ${index + 1}: ${text}`),
    ),
    samples: rows.length,
    samples_skipped: record.samplesSkipped,
    ...summarizeLatencies(waves),
  };
}

function totalsOf(counts: LoadCounts): TotalFields {
  return Object.fromEntries(
    totalNames.map((name) => [name, counts[`${name}_total`]]),
  ) as TotalFields;
}

function summarizeWaves(
  rows: readonly SampleRow[],
  waves: readonly SummaryLine[],
  floors: readonly FloorFacts[],
): WaveSummary[] {
  const baseline = findFloor(rows, 0, 'baseline');
  let floorBefore = baseline;
  return waves.map((line, index) => {
    const wave = index + 1;
    const memory = describeWave(rows, wave, floorBefore, baseline);
    const summary: WaveSummary = {
      wave,
      connections_opened: line.connections_opened_total,
      greetings_received: line.greetings_received_total,
      connect_errors: line.connect_errors_total,
      connections_lost: line.connections_lost_total,
      ramp_s: line.ramp_s,
      connect_rate_per_s: line.rate_achieved_per_s,
      floor_before: floorBefore,
      ...memory,
      ...jvmFields(floors[wave]),
    };
    floorBefore = memory?.floor ?? floorBefore;
    return summary;
  });
}

function jvmFields(floor: FloorFacts | undefined): Pick<WaveSummary, 'jvm_native_memory'> {
  const memory = floor?.jvmNativeMemory ?? {};
  return Object.keys(memory).length === 0 ? {} : { jvm_native_memory: memory };
}

type PerConnection = Extract<keyof RunSummary, `${string}_bytes_per_connection`>;

function perConnectionFields(waves: readonly WaveSummary[]): Partial<RunSummary> {
  const field = (name: PerConnection, figure: MemoryFigure): Partial<RunSummary> =>
    known(name, median(waves.map((wave) => wave.per_connection_over_baseline?.[figure])));
  return {
    ...field('rss_bytes_per_connection', 'rss_bytes'),
    ...field('pss_bytes_per_connection', 'pss_bytes'),
    ...field('private_bytes_per_connection', 'private_bytes'),
    ...field('native_bytes_per_connection', 'native_private_bytes'),
    ...ownerKeys.reduce<Partial<RunSummary>>(
      (fields, owner) => ({
        ...fields,
        ...field(owners[owner].perConnection, owners[owner].figure),
      }),
      {},
    ),
  };
}

function summarizeLatencies(
  waves: readonly SummaryLine[],
): LatencyFields & Pick<RunSummary, 'latency_histograms'> {
  const fields: Record<string, number> = {};
  const histograms = { connect: '', greeting: '', echo: '', lag: '' };
  for (const name of ['connect', 'greeting', 'echo', 'lag'] as const) {
    const all = new Latencies();
    for (const wave of waves) all.add(new Latencies(wave.latency[name].histogram));
    const summary = all.summarize();
    histograms[name] = summary.histogram;
    if (name !== 'lag' && summary.count > 0) Object.assign(fields, flatten(name, summary));
  }
  return { ...fields, latency_histograms: histograms };
}

function flatten(name: string, summary: LatencySummary): Record<string, number> {
  return {
    [`${name}_p50_ms`]: summary.p50_ms,
    [`${name}_p90_ms`]: summary.p90_ms,
    [`${name}_p99_ms`]: summary.p99_ms,
    [`${name}_p999_ms`]: summary.p999_ms,
    [`${name}_max_ms`]: summary.max_ms,
  };
}
