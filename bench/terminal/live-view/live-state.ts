import type { LoadCounts } from '../../../loadgen/report/counts.js';
import type { BenchOptions } from '../../options/bench-options.js';
import type { Position } from '../../measure/rows.js';
import type { SampleRow } from '../../results/sample-columns.js';
import { type MemoryOwner, memoryOwnerNames, memoryOwners } from './memory-owners.js';
import type { WaveBegin } from '../progress.js';
import { addToSeries, emptySeries, type Series } from './series.js';

/** What was asked of the run. Times are milliseconds. */
export type RunPlan = Pick<
  BenchOptions,
  'connections' | 'waves' | 'rate' | 'baseline' | 'hold' | 'rest'
>;

/** What the live view knows of a run. All times are milliseconds of one monotonic clock. */
export interface LiveState {
  readonly plan: RunPlan;
  /** The wave that runs, or begins next; undefined before the first. */
  readonly wave: WaveBegin | undefined;
  readonly beganMs: number;
  readonly position: Position;
  readonly phaseBeganMs: number;
  /** When the ramp of the running wave began; undefined before the first. */
  readonly waveBeganMs: number | undefined;
  /** How long the last wave that is over took, its rest included; undefined before that. */
  readonly lastWaveMs: number | undefined;
  /** The generator's latest counts of each wave: it counts from 0 in each. */
  readonly counts: ReadonlyMap<number, LoadCounts>;
  readonly sample: SampleRow | undefined;
  /** The last sample before the first wave, or the latest as long as there is none. */
  readonly baseline: SampleRow | undefined;
  readonly memory: Readonly<Record<MemoryOwner, Series>>;
  /** How the run comes to its end: `interrupted` as long as it still closes what is open. */
  readonly ending: 'none' | 'interrupted' | 'over';
}

/** Connections that the running wave is to open. */
export function connectionsOf({ plan, wave }: LiveState): number {
  return wave?.connections ?? plan.connections;
}

/** What the live view is told. */
export type LiveEvent =
  | { readonly kind: 'wave'; readonly begin: WaveBegin }
  | { readonly kind: 'phase'; readonly position: Position; readonly atMs: number }
  | { readonly kind: 'counts'; readonly wave: number; readonly counts: LoadCounts }
  | { readonly kind: 'sample'; readonly row: SampleRow }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'over' };

/** Returns what is known when a run begins. */
export function beginLiveState(plan: RunPlan, atMs: number): LiveState {
  return {
    plan,
    wave: undefined,
    beganMs: atMs,
    position: { wave: 0, phase: 'baseline' },
    phaseBeganMs: atMs,
    waveBeganMs: undefined,
    lastWaveMs: undefined,
    counts: new Map(),
    sample: undefined,
    baseline: undefined,
    memory: perOwner(() => emptySeries),
    ending: 'none',
  };
}

/** Returns what is known after an event. */
export function follow(state: LiveState, event: LiveEvent): LiveState {
  switch (event.kind) {
    case 'wave':
      return { ...state, wave: event.begin };
    case 'phase':
      return followPhase(state, event.position, event.atMs);
    case 'counts':
      return { ...state, counts: new Map(state.counts).set(event.wave, event.counts) };
    case 'sample':
      return followSample(state, event.row);
    case 'interrupted':
    case 'over':
      return { ...state, ending: event.kind };
  }
}

function followPhase(state: LiveState, position: Position, atMs: number): LiveState {
  const next = { ...state, position, phaseBeganMs: atMs };
  if (position.phase !== 'ramp') return next;
  const { waveBeganMs } = state;
  return {
    ...next,
    waveBeganMs: atMs,
    lastWaveMs: waveBeganMs === undefined ? undefined : atMs - waveBeganMs,
  };
}

function followSample(state: LiveState, row: SampleRow): LiveState {
  const isBefore = row.phase === 'baseline' || state.baseline === undefined;
  return {
    ...state,
    sample: keepEffort(row, state.sample),
    baseline: isBefore ? row : state.baseline,
    memory: perOwner((owner) => {
      const bytes = memoryOwners[owner](row);
      return bytes === undefined ? state.memory[owner] : addToSeries(state.memory[owner], bytes);
    }),
  };
}

/** A row that comes soon after another has no CPU figures, see `toRows()`; the last ones still say how busy all are. */
function keepEffort(row: SampleRow, before: SampleRow | undefined): SampleRow {
  if (before === undefined || row.sampler_cpu_percent !== undefined) return row;
  const { cpu_percent, loadgen_cpu_percent, sampler_cpu_percent } = before;
  return { ...row, cpu_percent, loadgen_cpu_percent, sampler_cpu_percent };
}

function perOwner<Value>(valueOf: (owner: MemoryOwner) => Value): Record<MemoryOwner, Value> {
  return Object.fromEntries(memoryOwnerNames.map((owner) => [owner, valueOf(owner)])) as Record<
    MemoryOwner,
    Value
  >;
}
