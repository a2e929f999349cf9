import type { LastTold, RunRecord } from './run-record.js';
import {
  type LatencyFields,
  type LiveBytes,
  type MallocFigures,
  type RunSummary,
  summaryVersion,
  type TotalFields,
  totalNames,
  type WaveSummary,
} from '../results/summary.js';
import { Latencies, type LatencySummary } from '../../loadgen/report/latencies.js';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import { addCounts, type LoadCounts } from '../../loadgen/report/counts.js';
import type { FloorFacts } from '../measure/floor.js';
import { known } from '../../program/document-fields.js';
import { findDiscrepancies, findDoubts } from './reliability.js';
import {
  type LiveMemory,
  liveSourceNames,
  sourcesOfAll,
  totalHeld,
} from '../results/live-memory.js';
import { ownerKeys, owners } from '../results/owners.js';
import { findConnectionParts, findConnectionSites } from './connection-parts.js';
import { findNamedMemory } from './named-share.js';
import { summarizeVerdict } from './verdict-fields.js';
import { describeWave, findFloor, median, type MemoryFigure } from '../results/wave-figures.js';

/** Makes the summary of a run, complete or not. */
export function summarizeRun(record: RunRecord): RunSummary {
  const { waves, rows, finalStats } = record;
  const waveSummaries = summarizeWaves(record);
  const discrepancies = findDiscrepancies(record);
  const { lastTold } = record;
  const counts = addCounts(lastTold === undefined ? waves : [...waves, lastTold.counts]);
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
    waves_asked: record.wavesAsked === 'auto' ? record.waveSizes.length : record.wavesAsked,
    ...(record.wavesWhy === undefined ? {} : { waves_why: record.wavesWhy }),
    waves_completed: waves.filter((wave) => wave.outcome === 'completed').length,
    ...totalsOf(counts),
    errors,
    ...(details === undefined ? {} : { error_details: details }),
    ...(counts.lost_ages_s === undefined ? {} : { lost_ages_s: counts.lost_ages_s }),
    errors_total: counts.errors_total,
    ...(lastTold === undefined ? {} : { counts_note: noteOf(lastTold) }),
    connect_rate_asked_per_s: record.rateAsked,
    ...(record.workerSpread === undefined ? {} : { worker_spread: record.workerSpread }),
    ...known('connect_rate_per_s', median(waves.map((wave) => wave.rate_achieved_per_s))),
    ...summarizeVerdict(record, findDoubts(record, discrepancies)),
    ...perConnectionFields(waveSummaries),
    ...known(
      'live_bytes_per_connection',
      median(waveSummaries.map((wave) => wave.live_bytes_per_connection)),
    ),
    ...partsField(record, waveSummaries),
    ...liveField('baseline_live', record.floors[0]?.live),
    baseline: findFloor(rows, 0, 'baseline'),
    ...mallocField('baseline_malloc', record.floors[0]),
    ...known('baseline_descriptors', record.floors[0]?.descriptors),
    waves: waveSummaries,
    ...known('target_workers_restarted', finalStats?.workersRestartedTotal),
    ...(record.trim === undefined ? {} : { trim: record.trim }),
    ...(record.oomKill === undefined ? {} : { oom_kill: record.oomKill }),
    discrepancies,
    events: record.events,
    ...(record.eventsLeft === 0 ? {} : { events_left: record.eventsLeft }),
    bottlenecks: waves.flatMap((wave, index) =>
      wave.saturation.map((text) => `wave ${index + 1}: ${text}`),
    ),
    samples: rows.length,
    samples_skipped: record.samplesSkipped,
    ...summarizeLatencies(waves),
  };
}

function noteOf({ wave }: LastTold): string {
  return `the counts of wave ${wave} are the last that the load generator told before it died; what was open then counts as lost`;
}

function totalsOf(counts: LoadCounts): TotalFields {
  return Object.fromEntries(
    totalNames.map((name) => [name, counts[`${name}_total`]]),
  ) as TotalFields;
}

function summarizeWaves({ rows, waves, floors, holds }: RunRecord): WaveSummary[] {
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
      ...known(
        'live_bytes_per_connection',
        livePerConnection(floors[0]?.live, holds[index], memory?.hold_connections),
      ),
      ...liveField('hold_live', holds[index]),
      ...liveField('floor_live', floors[wave]?.live),
      ...known('floor_counting_ms', floors[wave]?.countingMs),
      ...jvmFields(floors[wave]),
      ...mallocField('floor_malloc', floors[wave]),
      ...known('floor_descriptors', floors[wave]?.descriptors),
    };
    floorBefore = memory?.floor ?? floorBefore;
    return summary;
  });
}

function liveField<Name extends string>(
  name: Name,
  live: LiveMemory | undefined,
): Partial<Record<Name, LiveBytes>> {
  const counted = liveSourceNames.flatMap((source) => {
    const bytes = live?.[source]?.bytes;
    return bytes === undefined ? [] : [[source, bytes] as const];
  });
  if (counted.length === 0) return {};
  return { [name]: Object.fromEntries(counted) } as Partial<Record<Name, LiveBytes>>;
}

/** What the program holds per open connection; undefined if it was not counted in the same way at the baseline and in the hold. */
function livePerConnection(
  before: LiveMemory | undefined,
  held: LiveMemory | undefined,
  connections: number | undefined,
): number | undefined {
  if (before === undefined || held === undefined) return undefined;
  if (connections === undefined || connections === 0) return undefined;
  const sources = sourcesOfAll([before, held]);
  if (sources.length === 0) return undefined;
  return positive((totalHeld(held, sources) - totalHeld(before, sources)) / connections);
}

/** Most parts and sites that are listed; each of the others comes to less. */
const mostParts = 12;

/** Later waves reuse memory that the first one left, so the first one tells the most. */
function partsField(
  { floors, holds }: RunRecord,
  [first]: readonly WaveSummary[],
): Pick<
  RunSummary,
  'named_bytes_per_connection' | 'named_share_of_private' | 'connection_parts' | 'connection_sites'
> {
  const [before, held] = [floors[0]?.live, holds[0]];
  const { hold_connections: connections = 0, per_connection_over_baseline: resident = {} } =
    first ?? {};
  if (before === undefined || held === undefined || connections === 0) return {};
  const parts = findConnectionParts(before, held, connections);
  const sites = findConnectionSites(before, held, connections);
  const named = findNamedMemory(before, held, connections, parts, sites, resident);
  return {
    ...known('named_bytes_per_connection', named?.bytes),
    ...known('named_share_of_private', named?.share),
    ...(parts.length === 0 ? {} : { connection_parts: parts.slice(0, mostParts) }),
    ...(sites.length === 0 ? {} : { connection_sites: sites.slice(0, mostParts) }),
  };
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function mallocField<Name extends string>(
  name: Name,
  floor: FloorFacts | undefined,
): Partial<Record<Name, MallocFigures>> {
  const malloc = floor?.malloc;
  if (malloc === undefined) return {};
  const { usedBytes, freePagesBytes, freePiecesBytes, topBytes } = malloc;
  const figures: MallocFigures = {
    used_bytes: usedBytes,
    free_pages_bytes: freePagesBytes,
    free_pieces_bytes: freePiecesBytes,
    top_bytes: topBytes,
  };
  return { [name]: figures } as Partial<Record<Name, MallocFigures>>;
}

function jvmFields(floor: FloorFacts | undefined): Pick<WaveSummary, 'jvm_native_memory'> {
  const memory = floor?.jvmNativeMemory ?? {};
  return Object.keys(memory).length === 0 ? {} : { jvm_native_memory: memory };
}

type PerConnection = Extract<keyof RunSummary, `${string}_bytes_per_connection`>;

function perConnectionFields(waves: readonly WaveSummary[]): Partial<RunSummary> {
  const middle = (figure: MemoryFigure): number | undefined =>
    median(waves.map((wave) => wave.per_connection_over_baseline?.[figure]));
  const field = (name: PerConnection, figure: MemoryFigure): Partial<RunSummary> =>
    known(name, middle(figure));
  // If the whole is not above the baseline with connections open, earlier load has left room for them.
  const whole = (name: PerConnection, figure: MemoryFigure): Partial<RunSummary> =>
    known(name, positive(middle(figure)));
  return {
    ...whole('rss_bytes_per_connection', 'rss_bytes'),
    ...whole('pss_bytes_per_connection', 'pss_bytes'),
    ...whole('private_bytes_per_connection', 'private_bytes'),
    ...whole('native_bytes_per_connection', 'native_private_bytes'),
    ...whole('cgroup_kernel_bytes_per_connection', 'cgroup_kernel_bytes'),
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
