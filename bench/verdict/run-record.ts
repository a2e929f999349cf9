import type { LoadCounts } from '../../loadgen/report/counts.js';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import type { FloorFacts } from '../measure/floor.js';
import type { RunEvent } from '../results/run-event.js';
import type { SampleRow } from '../results/sample-columns.js';
import type { OomKill, Outcome, TrimFigures } from '../results/summary.js';
import type { Waves } from '../options/wave-plan.js';
import type { LiveMemory } from '../results/live-memory.js';
import type { Allocator } from '../targets/allocator.js';
import type { TargetStats } from '../targets/target.js';

/** The last counts of a wave whose generator died, with what was open or under way then as lost or failed. */
export interface LastTold {
  readonly wave: number;
  readonly counts: LoadCounts;
}

/** Everything that a run leaves behind, from which its summary is made. */
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
  /** Connections that each wave that has begun was to open. */
  readonly waveSizes: readonly number[];
  readonly wavesAsked: Waves;
  /** Why there were this many waves, in words; undefined if the user gave their number. */
  readonly wavesWhy: string | undefined;
  readonly rateAsked: number | 'max';
  /** For our own server, see `worker_spread` in summary.json. */
  readonly workerSpread?: 'even' | 'in-turn' | undefined;
  readonly rows: readonly SampleRow[];
  readonly samplesSkipped: number;
  /** One per wave whose generator has ended with a summary, in order. */
  readonly waves: readonly SummaryLine[];
  /** Of the wave after these, if its generator died. */
  readonly lastTold?: LastTold | undefined;
  /** The target's own figures after the last rest; undefined if it has none or is gone. */
  readonly finalStats: TargetStats | undefined;
  /** What the target was counted to hold in the hold of each of them; undefined where that was not possible. */
  readonly holds: readonly (LiveMemory | undefined)[];
  /** What was found at the baseline and after each wave. */
  readonly floors: readonly FloorFacts[];
  /** Undefined if no process was to be asked. */
  readonly trim: TrimFigures | undefined;
  readonly oomKill: OomKill | undefined;
  /** What happened that was not planned, and how much more of it there was than is listed. */
  readonly events: readonly RunEvent[];
  readonly eventsLeft: number;
}

/** What a verdict is based on. */
export type JudgedRecord = Pick<
  RunRecord,
  'outcome' | 'rows' | 'waves' | 'lastTold' | 'waveSizes' | 'floors' | 'finalStats' | 'events'
>;
