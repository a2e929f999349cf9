import { hasRamp, isReplacing } from '../plan/behaviour.js';
import { addCounts, findDiscrepancies, type LoadCounts } from '../report/counts.js';
import type { GeneratorProcess } from './generator-process.js';
import { explainDeserted, explainHopeless, hasKeptNone, isHopeless } from '../report/hopeless.js';
import { Latencies, noLatencies } from '../report/latencies.js';
import type { Load } from '../plan/load.js';
import type { EncodedLatencies, ProcessReport } from '../plan/messages.js';
import { reportVersion, type SummaryLine } from '../report/report-lines.js';
import { findSaturation } from './saturation.js';

/** Why a run ended. */
export type RunEnd =
  | { readonly outcome: 'completed' }
  | { readonly outcome: 'interrupted' | 'failed'; readonly reason: string }
  /** The server gave no reason to go on, which the final counts explain. */
  | { readonly outcome: 'hopeless' | 'deserted' };

/** Everything that a run leaves behind. Moments are CLOCK_MONOTONIC milliseconds. */
export interface LoadRecord {
  readonly load: Load;
  readonly processes: readonly Pick<
    GeneratorProcess,
    'pid' | 'state' | 'tally' | 'latest' | 'ramped'
  >[];
  readonly startMs: number;
  readonly drainStartMs: number;
  readonly endMs: number;
  /** The start and the end by the wall clock, in epoch milliseconds. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Last report of each process before the drain. */
  readonly beforeDrain: readonly (ProcessReport | undefined)[];
  readonly peakConnections: number;
  readonly end: RunEnd;
}

/** Turns what a run leaves behind into its summary. */
export function summarize(record: LoadRecord): SummaryLine {
  const { load, processes, startMs } = record;
  const tally = addCounts(processes.map((process) => process.tally));
  const elapsedSeconds = Math.max(0, record.endMs - startMs) / 1000;
  const latency = mergeLatencies(processes);
  const rates = ratesOf(record, tally);
  const cpu = cpuOf(record, elapsedSeconds, rates.rampSeconds);
  const saturation = findSaturation({
    lagP99Ms: latency.lag.percentileMs(99),
    busiestProcessRampCpuPercent: cpu.busiestRampPercent,
    rampCpuPercent: cpu.rampPercent,
    cores: load.cores,
    rateAskedPerSecond: load.ratePerSecond,
    rateAchievedPerSecond: rates.achievedPerSecond,
    rampSeconds: rates.rampSeconds,
    localFailures: (tally.errors.local_address ?? 0) + (tally.errors.file_limit ?? 0),
  });
  const [assignment] = load.assignments;
  return {
    version: reportVersion,
    kind: 'summary',
    url: load.url,
    shard_index: load.options.shard.index,
    shard_count: load.options.shard.count,
    started_at: new Date(record.startedAtMs).toISOString(),
    ended_at: new Date(record.endedAtMs).toISOString(),
    ...tally,
    processes: processes.length,
    processes_lost: processes.filter(({ state }) => state.kind === 'lost').length,
    elapsed_s: elapsedSeconds,
    ramp_s: rates.rampSeconds,
    peak_connections: record.peakConnections,
    ...(load.ratePerSecond === undefined ? {} : { rate_asked_per_s: load.ratePerSecond }),
    rate_achieved_per_s: rates.achievedPerSecond,
    churns: load.options.lifetime !== undefined,
    closes_per_s: rates.closesPerSecond,
    latency: {
      connect: latency.connect.summarize(),
      greeting: latency.greeting.summarize(),
      echo: latency.echo.summarize(),
      lag: latency.lag.summarize(),
    },
    cpu_percent: cpu.percent,
    busiest_process_cpu_percent: cpu.busiestPercent,
    ramp_cpu_percent: cpu.rampPercent,
    busiest_process_ramp_cpu_percent: cpu.busiestRampPercent,
    saturated: saturation.length > 0,
    saturation,
    discrepancies: findDiscrepancies(tally, {
      isGreetingRequired: assignment?.greeting.kind === 'text',
      hasOpening: (assignment?.conversation.opening.length ?? 0) > 0,
      isAnswered: (assignment?.traffic?.expectation ?? 'none') !== 'none',
    }),
    ...describeEnd(record, tally, load.url),
  };
}

function describeEnd(
  record: LoadRecord,
  tally: LoadCounts,
  url: string,
): Pick<SummaryLine, 'outcome' | 'reason'> {
  switch (record.end.outcome) {
    case 'interrupted':
    case 'failed':
      return record.end;
    case 'hopeless':
      return { outcome: 'failed', reason: explainHopeless(url, tally) };
    case 'deserted':
      return { outcome: 'failed', reason: explainDeserted(url, tally) };
    case 'completed':
      break;
  }
  const lost = record.processes.flatMap(({ pid, state }) =>
    state.kind === 'lost' ? [`${pid}: ${state.cause}`] : [],
  );
  if (lost.length > 0) {
    const reason = `${lost.length} of ${record.processes.length} generator processes died (${lost.join(', ')})`;
    return { outcome: 'failed', reason };
  }
  if (isHopeless(tally, true)) return { outcome: 'failed', reason: explainHopeless(url, tally) };
  if (!isReplacing(record.load.behaviour) && hasKeptNone(tally)) {
    return { outcome: 'failed', reason: explainDeserted(url, tally) };
  }
  return record.end;
}

function ratesOf(
  record: LoadRecord,
  tally: LoadCounts,
): { rampSeconds: number; achievedPerSecond: number; closesPerSecond: number } {
  const { startMs, drainStartMs, load } = record;
  const isRamped = hasRamp(load.behaviour);
  // After the ramp, churn keeps opening connections.
  const atRampEnd = record.processes.map(({ latest, ramped }) =>
    isRamped ? (ramped ?? latest) : latest,
  );
  const lastOpenedMs = Math.max(...atRampEnd.map((report) => report?.lastOpenedMs ?? 0));
  const openedInRamp = atRampEnd.reduce(
    (sum, report) => sum + (report?.tally.connections_opened_total ?? 0),
    0,
  );
  const rampSeconds = Math.max(0, lastOpenedMs - startMs) / 1000;
  const activeSeconds = Math.max(0, drainStartMs - startMs) / 1000;
  // Each process's closes over its own time: reports are up to an interval old, and not all of the same age.
  const closesPerSecond = record.beforeDrain.reduce((sum, report) => {
    if (report === undefined) return sum;
    return (
      sum + perSecond(report.tally.connections_closed_total, (report.takenAtMs - startMs) / 1000)
    );
  }, 0);
  return {
    rampSeconds,
    achievedPerSecond: isRamped
      ? perSecond(openedInRamp, rampSeconds)
      : perSecond(tally.connections_opened_total, activeSeconds),
    closesPerSecond,
  };
}

function cpuOf(
  record: LoadRecord,
  elapsedSeconds: number,
  rampSeconds: number,
): { percent: number; busiestPercent: number; rampPercent: number; busiestRampPercent: number } {
  const whole = record.processes.map(({ latest }) =>
    perSecond((latest?.cpuMicros ?? 0) / 1e4, elapsedSeconds),
  );
  const ramped = record.processes.map(
    (process, index) => process.ramped ?? record.beforeDrain[index],
  );
  // A process whose turn came late waited for it; what counts is how busy it was from then on.
  const busy = ramped.map((report) =>
    report === undefined
      ? 0
      : perSecond(report.cpuMicros / 1e4, (report.takenAtMs - report.activeSinceMs) / 1000),
  );
  const rampMicros = ramped.reduce((sum, report) => sum + (report?.cpuMicros ?? 0), 0);
  return {
    percent: whole.reduce((sum, each) => sum + each, 0),
    busiestPercent: Math.max(0, ...whole),
    rampPercent: perSecond(rampMicros / 1e4, rampSeconds),
    busiestRampPercent: Math.max(0, ...busy),
  };
}

function mergeLatencies(
  processes: LoadRecord['processes'],
): Readonly<Record<keyof EncodedLatencies, Latencies>> {
  const merged = noLatencies();
  for (const { state } of processes) {
    if (state.kind !== 'done') continue;
    merged.connect.add(new Latencies(state.latencies.connect));
    merged.greeting.add(new Latencies(state.latencies.greeting));
    merged.echo.add(new Latencies(state.latencies.echo));
    merged.lag.add(new Latencies(state.latencies.lag));
  }
  return merged;
}

function perSecond(count: number, seconds: number): number {
  return seconds > 0 ? count / seconds : 0;
}
