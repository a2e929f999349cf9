import { median } from '../../bench/results/wave-figures.js';
import { blockBootstrap } from '../../bench/verdict/block-bootstrap.js';
import { type Point, type Slope, theilSen } from '../../bench/verdict/theil-sen.js';

/** What a program took at one moment of a steady load. */
export interface GrowthSample {
  /** Since the load began. */
  readonly elapsedSeconds: number;
  /** Connections opened since the load began. */
  readonly openedTotal: number;
  readonly bytes: number;
}

/** Whether memory grows under a load that stays the same. */
export type GrowthVerdict =
  /** It does not, or by less than {@link GrowthBounds.negligibleBytes}. */
  | 'flat'
  | 'growing'
  /**
   * There are too few samples, over less than {@link shortestSeconds}, or they scatter so much that a leak of
   * {@link GrowthBounds.visibleBytes} could be missed.
   */
  | 'too short';

/** What counts as growth, in bytes per connection opened. */
export interface GrowthBounds {
  /** Growth up to this is none. */
  readonly negligibleBytes: number;
  /** A run has to be able to see a leak of this size; with one that can't, `flat` would mean nothing. */
  readonly visibleBytes: number;
}

/** A verdict with its evidence. */
export interface GrowthJudgement {
  readonly verdict: GrowthVerdict;
  readonly samples: number;
  /** Median of the first tenth of the samples, and of the last, in bytes; NaN without samples. */
  readonly beginBytes: number;
  readonly endBytes: number;
  /** Bytes per connection opened, with a 95 % interval; undefined if there are too few samples. */
  readonly perConnection: Slope | undefined;
  /** The smallest leak that would have been called one, in bytes per connection; undefined as above. */
  readonly smallestLeakBytes: number | undefined;
}

/** With fewer samples there is no verdict: the interval would rest on a handful of steps. */
export const fewestSamples = 16;

/** Heaps and arenas still find their size for some time after a warm-up: a rise over less than this is none, in seconds. */
export const shortestSeconds = 120;

/** Allocators and collectors take memory in steps: a rise by less than this in all is none, in bytes. */
const leastRiseBytes = 256 * 1024;

/** Steps that the samples are put together to: with shorter ones, the interval would be that of the samples' noise. */
const steps = 20;

/**
 * Judges samples that were taken at equal intervals after the warm-up, in their order.
 *
 * The slope is Theil and Sen's. Their interval takes the samples for independent, which memory is not, as it drifts; that of the
 * block bootstrap holds for a drift, and for a single step, but is wide. The interval given here spans both, so that neither
 * noise nor a step passes for growth. `growing` is what lies above the negligible bound as a whole, and does so in the later
 * half too, by Theil and Sen's estimate: what has filled up meanwhile is not growing any more.
 */
export function judgeGrowth(
  samples: readonly GrowthSample[],
  { negligibleBytes, visibleBytes }: GrowthBounds,
): GrowthJudgement {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const ends = {
    samples: samples.length,
    beginBytes: medianOf(samples.slice(0, tenth).map(({ bytes }) => bytes)),
    endBytes: medianOf(samples.slice(-tenth).map(({ bytes }) => bytes)),
  };
  const seconds = (samples.at(-1)?.elapsedSeconds ?? 0) - (samples[0]?.elapsedSeconds ?? 0);
  const isEnough = samples.length >= fewestSamples && seconds >= shortestSeconds;
  const perConnection = isEnough ? slopeOf(samples) : undefined;
  if (perConnection === undefined) {
    return { verdict: 'too short', ...ends, perConnection, smallestLeakBytes: undefined };
  }
  const connections = (samples.at(-1)?.openedTotal ?? 0) - (samples[0]?.openedTotal ?? 0);
  const leastBytes = Math.max(negligibleBytes, leastRiseBytes / connections);
  const later = theilSen(samples.slice(Math.floor(samples.length / 2)).map(pointOf));
  const isGrowing = perConnection.low > leastBytes && (later?.slope ?? 0) > leastBytes;
  const smallestLeakBytes = leastBytes + perConnection.high - perConnection.low;
  const verdict = isGrowing ? 'growing' : smallestLeakBytes > visibleBytes ? 'too short' : 'flat';
  return { verdict, ...ends, perConnection, smallestLeakBytes };
}

function slopeOf(samples: readonly GrowthSample[]): Slope | undefined {
  const fitted = theilSen(samples.map(pointOf));
  if (fitted === undefined) return undefined;
  const levels = levelsOf(samples);
  const drawn = blockBootstrap(
    levels.slice(1).map((level, index) => {
      const before = levels[index] ?? level;
      return { amount: level.bytes - before.bytes, per: level.openedTotal - before.openedTotal };
    }),
  );
  return {
    slope: fitted.slope,
    low: Math.min(fitted.low, drawn.low),
    high: Math.max(fitted.high, drawn.high),
  };
}

type Level = Omit<GrowthSample, 'elapsedSeconds'>;

/** Returns the medians of equal parts of the samples; what is left over at the end goes to the last part. */
function levelsOf(samples: readonly GrowthSample[]): Level[] {
  const size = Math.max(1, Math.floor(samples.length / steps));
  const count = Math.floor(samples.length / size);
  return Array.from({ length: count }, (_, index) => {
    const isLast = index === count - 1;
    const part = samples.slice(index * size, isLast ? undefined : (index + 1) * size);
    return {
      openedTotal: medianOf(part.map(({ openedTotal }) => openedTotal)),
      bytes: medianOf(part.map(({ bytes }) => bytes)),
    };
  });
}

function pointOf({ openedTotal, bytes }: GrowthSample): Point {
  return { x: openedTotal, y: bytes };
}

function medianOf(values: readonly number[]): number {
  return median(values) ?? NaN;
}
