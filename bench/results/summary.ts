import type { LostAges } from '../../loadgen/report/lost-ages.js';
import type { FailureCode } from '../../loadgen/report/failure-codes.js';
import { type CountName, countNames } from '../../loadgen/report/counts.js';
import type { Allocator } from '../targets/allocator.js';
import type { LiveSource } from './live-memory.js';
import type { RunEvent } from './run-event.js';
import { type Owner, owners } from './owners.js';
import { type MemoryFigures, type WaveMemory } from './wave-figures.js';

/** Version of summary.json; it grows when a field changes its meaning or goes away. */
export const summaryVersion = 1;

/** How a run ended. */
export type Outcome = 'completed' | 'interrupted' | 'failed';

/** What became of the memory, see docs/verdict.md. */
export type Verdict = 'released' | 'retained' | 'growing' | 'inconclusive';

/** A verdict with its evidence, as it stands in summary.json. A figure that could not be had is missing. */
export interface Judgement {
  readonly verdict: Verdict;
  /** In words, with the figures that decided. */
  readonly reason: string;
  /** Only with `growing`: whether the rise goes on as it began, or slows down and may level off. */
  readonly trend?: 'steady' | 'slowing';
  /** Only with `inconclusive`: how many waves it takes. */
  readonly waves_needed?: number;
  readonly baseline_bytes: number;
  readonly peak_growth_bytes: number;
  readonly floors_bytes: readonly number[];
  /** Last floor − baseline. */
  readonly retained_bytes: number;
  /** Differences up to this are taken for noise. */
  readonly noise_bytes: number;
  /** Rise of the floors per connection opened, with its 95 % interval; from two floors on. */
  readonly growth_bytes_per_connection?: number;
  readonly growth_bytes_per_connection_low?: number;
  readonly growth_bytes_per_connection_high?: number;
  /** One-sided p of the Mann–Kendall test for rising floors. */
  readonly rise_p?: number;
  /** What the program was counted to hold at the floor after each wave, whatever was resident. */
  readonly counted_bytes?: readonly number[];
  /** What of it is more than at the baseline, at the last floor. */
  readonly held_bytes?: number;
}

/** What is judged. */
export type JudgedOwner = 'whole' | Owner;

/** The judgement on one owner. */
export interface OwnerJudgement extends Judgement {
  readonly owner: JudgedOwner;
}

/** What summary.json says of where the memory went. A figure that could not be had is missing. */
export interface VerdictFields {
  /** Judgement on the whole of the target's private memory; the fields below say more of it. */
  readonly verdict: Verdict;
  readonly verdict_reason: string;
  /** Only with `growing`. */
  readonly trend?: 'steady' | 'slowing';
  /** Only with `inconclusive`, if more waves would help. */
  readonly waves_needed?: number;
  /** Rise of the floors per connection opened, with its 95 % interval. */
  readonly growth_bytes_per_connection?: number;
  readonly growth_bytes_per_connection_low?: number;
  readonly growth_bytes_per_connection_high?: number;
  /** Private bytes of the target per open connection, with its 95 % interval: slope over the first ramp and hold. */
  readonly bytes_per_connection?: number;
  readonly bytes_per_connection_low?: number;
  readonly bytes_per_connection_high?: number;
  /** What the program holds at the last floor beyond the baseline, as far as it could be counted. */
  readonly held_bytes?: number;
  /** What glibc's malloc keeps at the last floor beyond the baseline, free in whole pages or at the end of its heaps. */
  readonly kept_free_bytes?: number;
  /** The same, free in pieces that share their pages with blocks in use. */
  readonly kept_in_pieces_bytes?: number;
  /** The judgement on each owner, the whole first. */
  readonly judgements: readonly OwnerJudgement[];
  /** Whether garbage was collected before the floors were read: only a target that the bench started can be asked to. */
  readonly floors_after_gc: boolean;
}

/** That the kernel has killed processes of the target because memory ran out. */
export interface OomKill {
  /** Processes killed; undefined if only the machine's count is known, which others may have raised. */
  readonly kills?: number;
  /** The limit that was reached; undefined if the whole machine ran out of memory, or it could not be read. */
  readonly limit_bytes?: number;
  /** What was charged to the control group at the last sample. */
  readonly used_bytes?: number;
}

/** Committed bytes of a JVM by purpose, such as `thread` or `class`; `total` is all of it. */
export type NativeMemory = Readonly<Record<string, number>>;

/** What glibc's malloc holds in the target, in bytes, headers of the blocks included. */
export interface MallocFigures {
  /** Blocks that the program has not freed. */
  readonly used_bytes: number;
  /** Free between them, in whole pages. */
  readonly free_pages_bytes: number;
  /** Free between them, in pieces that share their pages with blocks in use. */
  readonly free_pieces_bytes: number;
  /** Free at the end of the heaps. */
  readonly top_bytes: number;
}

/** What came back when allocators were asked to give back what they keep free (`--trim`). */
export interface TrimFigures {
  /** Processes that could be asked. */
  readonly processes: number;
  readonly given_back_bytes: number;
}

/** What a program was counted to hold, in bytes, by who counted. */
export type LiveBytes = Readonly<Partial<Record<LiveSource, number>>>;

/** One kind of what an open connection is made of. */
export interface ConnectionPart {
  readonly source: LiveSource;
  /** Size of the block in bytes, or name of the class or type. */
  readonly kind: string;
  /** Blocks or objects of it per open connection, and their bytes. */
  readonly per_connection: number;
  readonly bytes_per_connection: number;
  /** What is known to have blocks of this size among others, all of which are there. */
  readonly state?: string;
}

/** Where a program has allocated what an open connection holds. */
export interface ConnectionSite {
  readonly source: LiveSource;
  /** Function, file and the line at which it begins, then its callers. */
  readonly site: string;
  /** Estimated from samples. */
  readonly bytes_per_connection: number;
}

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
  /** (Held in the hold − held at the baseline) ÷ connections, counted. */
  readonly live_bytes_per_connection?: number;
  /** What the program held in the hold and at the floor, as far as it was counted, in bytes. */
  readonly hold_live?: LiveBytes;
  readonly floor_live?: LiveBytes;
  /** How long it took to count that at the floor, in milliseconds. */
  readonly floor_counting_ms?: number;
  /** What glibc's malloc held at the floor, by a census of its blocks. */
  readonly floor_malloc?: MallocFigures;
  /** Files and sockets that the target had open at the floor. */
  readonly floor_descriptors?: number;
  /** What each JVM of the target had committed natively at the floor, by its process id. */
  readonly jvm_native_memory?: Readonly<Record<string, NativeMemory>>;
}

const latencyPercentiles = ['p50', 'p90', 'p99', 'p999', 'max'] as const;

type LatencyField = `${'connect' | 'greeting' | 'echo'}_${(typeof latencyPercentiles)[number]}_ms`;

/** The percentiles of each latency, from the scheduled moment, as flat fields: `connect_p99_ms`. */
export const latencyFieldNames = (['connect', 'greeting', 'echo'] as const).flatMap((name) =>
  latencyPercentiles.map((percentile): LatencyField => `${name}_${percentile}_ms`),
);

/** Those percentiles that were measured, in milliseconds. */
export type LatencyFields = Readonly<Partial<Record<LatencyField, number>>>;

/** The totals of all waves, each under its name without `_total`: `connections_opened`. */
export type TotalFields = {
  readonly [
    Name in CountName as Name extends `${infer Base}_total` ? Exclude<Base, 'errors'> : never
  ]: number;
};

/** The names of {@link TotalFields}. */
export const totalNames = countNames
  .filter((name) => name.endsWith('_total') && name !== 'errors_total')
  .map((name) => name.slice(0, -'_total'.length)) as (keyof TotalFields)[];

/**
 * The median over the waves of (hold − baseline) ÷ connections, by owner. The JS heap's is negative if the start left more
 * garbage than the connections did; the kernel's is of the whole machine: of both ends if the generator runs on it too.
 */
type OwnerFields = Readonly<Partial<Record<(typeof owners)[Owner]['perConnection'], number>>>;

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
  /** Waves that were asked for, or with `--waves auto` have begun. */
  readonly waves_asked: number;
  /** With `--waves auto`: why there were so many, in words. */
  readonly waves_why?: string;
  /** Only if a generator died: which counts are not its final ones, in words. */
  readonly counts_note?: string;
  readonly waves_completed: number;
  readonly errors: Readonly<Partial<Record<FailureCode, number>>>;
  readonly errors_total: number;
  /** What was said of errors, by code and text, and how often: what a server answered, why a certificate was refused. */
  readonly error_details?: Readonly<Record<string, number>>;
  /** Connections that were lost, by their age in seconds. */
  readonly lost_ages_s?: LostAges;
  readonly connect_rate_asked_per_s: number | 'max';
  /** How connections reached the workers of our own server: one worker after the other, or as the kernel spreads them. */
  readonly worker_spread?: 'even' | 'in-turn';
  /** Median over the waves. */
  readonly connect_rate_per_s?: number;
  /** Resident bytes of the target per open connection: (hold − baseline) ÷ connections, the median over the waves. */
  readonly rss_bytes_per_connection?: number;
  /** The same for PSS, which falls when other programs begin to share the target's binaries. */
  readonly pss_bytes_per_connection?: number;
  /** Resident, but not part of a binary or library. */
  readonly private_bytes_per_connection?: number;
  /**
   * What the program holds per open connection, counted: (hold − baseline) ÷ connections, the median over the waves. It leaves
   * out what allocators and collectors keep; missing if it could not be counted at both.
   */
  readonly live_bytes_per_connection?: number;
  /**
   * How much of that has a name, in bytes: a class, a type, a place in the code, or a library's state by the sizes of its blocks; in
   * the first hold.
   */
  readonly named_bytes_per_connection?: number;
  /**
   * Share of the private memory of an open connection that has a name, 0 to 1: a heap's free memory and garbage go with what is
   * alive in it; in the first hold.
   */
  readonly named_share_of_private?: number;
  /** What an open connection is made of, as far as it was counted by kind, the largest first: in the first hold. */
  readonly connection_parts?: readonly ConnectionPart[];
  /** Where the program has allocated it, as far as samples tell, the largest first: in the first hold. */
  readonly connection_sites?: readonly ConnectionSite[];
  /** Private, but not JS heap. */
  readonly native_bytes_per_connection?: number;
  /** What the kernel keeps for the target's own end, where its control group has no other process; in bytes. */
  readonly cgroup_kernel_bytes_per_connection?: number;
  readonly baseline: MemoryFigures;
  /** What the program held before the first wave, as far as it was counted, in bytes. */
  readonly baseline_live?: LiveBytes;
  /** What glibc's malloc held before the first wave, by a census of its blocks. */
  readonly baseline_malloc?: MallocFigures;
  /** Files and sockets that the target had open before the first wave. */
  readonly baseline_descriptors?: number;
  readonly waves: readonly WaveSummary[];
  /** With `--trim`: what came back after the last floor. */
  readonly trim?: TrimFigures;
  readonly target_workers_restarted?: number;
  /** Processes of the target that the kernel has killed because memory ran out; missing if there was none. */
  readonly oom_kill?: OomKill;
  /** What did not add up, in words. */
  readonly discrepancies: readonly string[];
  /** What other than the target limited the run, in words. */
  readonly bottlenecks: readonly string[];
  /** What happened that was not planned, in the order in which it began. */
  readonly events: readonly RunEvent[];
  /** How many more there were, if they are too many to be listed. */
  readonly events_left?: number;
  readonly samples: number;
  readonly samples_skipped: number;
  readonly latency_histograms: Readonly<Record<'connect' | 'greeting' | 'echo' | 'lag', string>>;
}
