/**
 * What the load generator says to other programs: `--json-lines` prints one {@link ReportLine} a line on standard
 * output while it runs, the summary last; `--json` prints the summary alone. Totals count from the start of the run.
 * Times are milliseconds; `monotonic_ms` is CLOCK_MONOTONIC, which all processes of one machine share.
 */
import type { LatencySummary } from './latencies.js';
import type { LoadCounts } from './counts.js';

/** Version of the lines; it grows when a field changes its meaning or goes away. */
export const reportVersion = 2;

/** One line of `--json-lines`. */
export type ReportLine = StartedLine | PhaseLine | ProgressLine | SummaryLine;

/** Printed once, when every process is ready and before the first connection. */
export interface StartedLine {
  readonly version: typeof reportVersion;
  readonly kind: 'started';
  readonly url: string;
  /** As in the summary. */
  readonly shard_index: number;
  readonly shard_count: number;
  readonly started_at: string;
  /** The coordinator's process id, which opens no connection. */
  readonly coordinator_pid: number;
  readonly process_pids: readonly number[];
  /**
   * Where these process ids are valid: the machine's boot id and the pid namespace, see pid_namespaces(7). Empty where
   * the system doesn't tell.
   */
  readonly process_space: string;
}

/** Printed when a phase begins: `ramp`, `hold` when all that was asked for has been tried, `drain`, then `ended`. */
export interface PhaseLine {
  readonly kind: 'phase';
  readonly phase: 'ramp' | 'hold' | 'drain' | 'ended';
  readonly monotonic_ms: number;
  /** The counts at this moment; the progress lines around it are merged by tick, and may be older. */
  readonly counts: LoadCounts;
}

/** Printed every `--report-interval`. */
export interface ProgressLine extends LoadCounts {
  readonly kind: 'progress';
  /** The counts are no newer than this. */
  readonly monotonic_ms: number;
  /** Those of no process are older than this; it is earlier by a tick, or by as much as a process is late. */
  readonly oldest_monotonic_ms: number;
  readonly elapsed_s: number;
  /** Worst delay of the event loop of any process since the line before: how late a due connection was started. */
  readonly lag_ms: number;
}

/** Printed once, at the end. */
export interface SummaryLine extends LoadCounts {
  readonly version: typeof reportVersion;
  readonly kind: 'summary';
  readonly url: string;
  /** Which part of the run this is, from 0, and of how many; 0 of 1 for a run that is not shared or that is merged. */
  readonly shard_index: number;
  readonly shard_count: number;
  /** When the first connection was due, and when all was over, by this machine's clock: ISO 8601, UTC. */
  readonly started_at: string;
  readonly ended_at: string;
  readonly processes: number;
  /** Processes of the generator that died, whose connections were lost. */
  readonly processes_lost: number;
  readonly elapsed_s: number;
  /** From the first connection due to the last one opened. */
  readonly ramp_s: number;
  /** Most connections that were open at once. */
  readonly peak_connections: number;
  /** Rate asked for; absent for `max`. */
  readonly rate_asked_per_s?: number;
  /** Opened connections per second of the ramp (without churn), or of the run (with churn). */
  readonly rate_achieved_per_s: number;
  /** Whether connections had a lifetime and were replaced. */
  readonly churns: boolean;
  readonly closes_per_s: number;
  readonly latency: {
    readonly connect: LatencySummary;
    readonly greeting: LatencySummary;
    readonly echo: LatencySummary;
    /** Event-loop delay at each pacing tick. */
    readonly lag: LatencySummary;
  };
  /** CPU of all processes over the run, in percent of one core. */
  readonly cpu_percent: number;
  /** Busiest process, in percent of one core. */
  readonly busiest_process_cpu_percent: number;
  /** CPU of all processes until everything asked for had been tried (with churn: until the drain). */
  readonly ramp_cpu_percent: number;
  /** Busiest process over the same time, in percent of one core. */
  readonly busiest_process_ramp_cpu_percent: number;
  /** True if the figures describe the generator rather than the server; `saturation` says what was short. */
  readonly saturated: boolean;
  readonly saturation: readonly string[];
  /** Equations between the counts that do not hold, in words; empty when all reconcile. */
  readonly discrepancies: readonly string[];
  /** `completed`; `interrupted` by a signal; `failed` if it could not be carried through, with the reason. */
  readonly outcome: 'completed' | 'interrupted' | 'failed';
  readonly reason?: string;
}
