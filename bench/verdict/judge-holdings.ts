import type { CountedKind, Holdings } from '../results/live-memory.js';
import { blockBootstrap, type Increment } from './block-bootstrap.js';
import type { Slope } from './theil-sen.js';

/** What a program was counted to hold in one kind of memory over a run. */
export interface HoldingsSeries {
  /** At the floor after each wave. */
  readonly floors: readonly Holdings[];
  /** Connections opened in each wave. */
  readonly opened: readonly number[];
  /** A rise by less than this from one floor to the next is the program's own work, in bytes. */
  readonly leastStepBytes: number;
}

/** A kind of object, or a size of block, whose number is higher at each floor than at the one before. */
export interface RisingKind {
  readonly name: string;
  readonly perConnection: number;
  readonly bytesPerConnection: number;
  /** In each wave it was the same whole number per connection, which neither a collector nor chance produces. */
  readonly isWhole: boolean;
}

/** What counting says of a program. Bytes are per connection opened, with a 95 % interval. */
export type HoldingsFinding =
  | {
      readonly kind: 'rising';
      readonly trend: 'steady' | 'slowing';
      readonly growth: Slope;
      /** Waves in a row in which it rose, the last one included. */
      readonly waves: number;
      readonly kinds: readonly RisingKind[];
    }
  /** It has stopped rising, or never did. */
  | { readonly kind: 'bounded' }
  /** Neither: more waves may tell. */
  | { readonly kind: 'open' };

/** Fewest floors from which counting tells anything. The first serves only for comparison: by then, what is kept once is filled. */
export const fewestFloors = 4;

/** Less than this per connection is no leak, in bytes: what a runtime accumulates in its first waves comes to up to 15 (measured). */
export const negligiblePerConnection = 32;

/** Rises in a row that are needed; at the end of a longer run, half of all. */
const fewestRises = 3;

/** Waves in a row without a rise that end it. */
const quietWaves = 2;

/** A leak at a constant rate: its smallest rise per connection is no less than this share of the middle one. */
const evenShare = 0.5;

/** A late rise below this share of the early one is called slowing. */
const slowingRatio = 0.6;

/** Fewer objects a wave than this may be as many in each by chance. */
const fewestSteady = 20;

/** How far the number per connection may be from a whole one. */
const wholeTolerance = 0.02;

/**
 * Judges by counting whether a program holds more with every connection that it has seen. It needs no luck: what is counted
 * is alive, so that no allocator and no collector can make it rise. Only the program can, by a leak, or by a cache that
 * is still filling, which can't be told from a leak.
 */
export function judgeHoldings(series: HoldingsSeries): HoldingsFinding {
  const { floors, opened, leastStepBytes } = series;
  if (floors.length < fewestFloors) return { kind: 'open' };
  const steps = incrementsOf(series);
  const isRise = ({ amount, per }: Increment): boolean =>
    amount > Math.max(leastStepBytes, negligiblePerConnection * per);
  const rises = steps.length - 1 - steps.findLastIndex((step) => !isRise(step));
  const needed = Math.max(fewestRises, Math.ceil(steps.length / 2));
  const rates = steps.slice(-needed).map(({ amount, per }) => amount / per);
  const middle = medianOf(rates);
  if (rises >= needed && Math.min(...rates) >= evenShare * middle) {
    const risen = steps.slice(-rises);
    return {
      kind: 'rising',
      trend: isSlowing(risen) ? 'slowing' : 'steady',
      growth: { slope: rateOf(risen), ...blockBootstrap(risen) },
      waves: rises,
      kinds: findRisingKinds(floors.slice(-rises - 1), opened.slice(-rises)),
    };
  }
  const isQuiet = steps.slice(-quietWaves).every((step) => !isRise(step));
  return { kind: isQuiet ? 'bounded' : 'open' };
}

/** How much more is held per connection opened since the first floor, whether it rises or not; undefined if none was opened. */
export function growthOfHoldings(series: HoldingsSeries): Slope | undefined {
  const steps = incrementsOf(series);
  const slope = rateOf(steps);
  return Number.isFinite(slope) ? { slope, ...blockBootstrap(steps) } : undefined;
}

/** What was added from one floor to the next, over the connections opened between them. */
function incrementsOf({ floors, opened }: HoldingsSeries): Increment[] {
  return floors.slice(1).map(({ bytes }, index) => ({
    amount: bytes - (floors[index]?.bytes ?? 0),
    per: opened[index + 1] ?? 0,
  }));
}

/** NaN or infinite if no connection was opened. */
function rateOf(steps: readonly Increment[]): number {
  const sum = (what: keyof Increment): number =>
    steps.reduce((total, step) => total + step[what], 0);
  return sum('amount') / sum('per');
}

function isSlowing(steps: readonly Increment[]): boolean {
  const half = Math.ceil(steps.length / 2);
  return rateOf(steps.slice(-half)) < slowingRatio * rateOf(steps.slice(0, half));
}

/**
 * Returns the kinds whose number is higher at each floor than at the one before: first those with a whole number per
 * connection, then those with the largest total. Small ones count if each wave adds as many per connection: an object that
 * keeps much is often small itself, and its class says more than that of its bytes.
 * @param floors what was held before the first of the waves, and after each
 * @param opened connections opened in each of the waves
 */
export function findRisingKinds(
  floors: readonly Holdings[],
  opened: readonly number[],
): readonly RisingKind[] {
  const total = opened.reduce((sum, each) => sum + each, 0);
  const none: CountedKind = { count: 0, bytes: 0 };
  return [...(floors.at(-1)?.kinds ?? [])]
    .flatMap(([name, last]): RisingKind[] => {
      const counts = floors.map(({ kinds }) => (kinds.get(name) ?? none).count);
      const ratios = opened.map(
        (each, index) => ((counts[index + 1] ?? 0) - (counts[index] ?? 0)) / each,
      );
      const first = floors[0]?.kinds.get(name) ?? none;
      const bytesPerConnection = (last.bytes - first.bytes) / total;
      if (!ratios.every((ratio) => ratio > 0)) return [];
      const perConnection = (last.count - first.count) / total;
      const whole = Math.round(perConnection);
      const isAlways = (number: number): boolean =>
        ratios.every((ratio) => Math.abs(ratio - number) <= wholeTolerance * number);
      const isWhole = whole > 0 && isAlways(whole);
      const isSteady =
        last.count - first.count >= fewestSteady * opened.length && isAlways(perConnection);
      return isSteady || bytesPerConnection >= negligiblePerConnection / 2
        ? [{ name, perConnection, bytesPerConnection, isWhole }]
        : [];
    })
    .toSorted(
      (one, other) =>
        Number(other.isWhole) - Number(one.isWhole) ||
        other.bytesPerConnection - one.bytesPerConnection,
    );
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
