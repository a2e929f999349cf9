import { studentT95 } from '../../bench/compare/noise.js';

/** What a server holds at one time of a run, when it is at rest: all connections closed and garbage collected. */
export interface MemorySample {
  /** Frames that it has read so far. */
  readonly frames: number;
  /** Connections that it has had so far. */
  readonly connections: number;
  /** Whether the connections before it were short, which leaves a server in another state of rest. */
  readonly isAfterShort: boolean;
  /** Private memory of its processes, in bytes. */
  readonly privateBytes: number;
  /** What is alive in V8's heaps, and the memory of its buffers, in bytes. */
  readonly liveBytes: number;
}

/** A figure in bytes, per frame or per connection, give or take `marginBytes`. */
export interface Growth {
  readonly bytes: number;
  readonly marginBytes: number;
}

/** How a kind of memory grows, with each frame and with each connection. */
export interface GrowthRates {
  readonly perFrame: Growth;
  readonly perConnection: Growth;
}

/** Growth of both kinds of memory, over the whole run and over its later half. */
export interface MemoryGrowth {
  readonly private: { readonly all: GrowthRates; readonly later: GrowthRates };
  readonly live: { readonly all: GrowthRates; readonly later: GrowthRates };
}

/** Times the 95 % bound of Student's t: eight bounds are looked at for each server, and steps of memory are not normal. */
const caution = 1.5;

/**
 * Growth below these is never called a leak, in bytes: smaller than the share that a leaked pointer per message, or an
 * object per connection, would have.
 */
const leastPerFrame = 4;
const leastPerConnection = 64;

/**
 * Estimates how memory grows with frames and with connections, from samples after a warm-up, in order.
 *
 * What is fitted, by least squares and without a constant, is the difference from each sample to the next one: memory
 * drifts, so that levels that follow each other are not independent, and the interval of a line through them is far too
 * narrow; steps are, or alternate, which makes the interval too wide, if anything.
 * @throws {RangeError} if there are fewer than 11 samples, or frames and connections always grow in the same proportion.
 */
export function fitGrowth(samples: readonly MemorySample[]): MemoryGrowth {
  if (samples.length < 11) {
    throw new RangeError(`${samples.length} samples of memory are too few to fit, 11 are needed`);
  }
  const later = samples.slice(Math.floor(samples.length / 2));
  const both = (bytesOf: (sample: MemorySample) => number) => ({
    all: fitSteps(samples, bytesOf),
    later: fitSteps(later, bytesOf),
  });
  return {
    private: both(({ privateBytes }) => privateBytes),
    live: both(({ liveBytes }) => liveBytes),
  };
}

/**
 * Solves the normal equations of `bytes = perFrame * frames + perConnection * connections + rest * change`. The last is a
 * state and no growth: without it, memory that only rises after short connections and falls after long ones looked like a
 * leak per connection (measured with `ws`: 237 ± 171 B, and -5.1 ± 3.9 B per frame, which make 0 together).
 */
function fitSteps(
  samples: readonly MemorySample[],
  bytesOf: (sample: MemorySample) => number,
): GrowthRates {
  const steps = samples.slice(1).map((sample, index) => {
    const before = samples[index] ?? sample;
    return {
      causes: [
        sample.frames - before.frames,
        sample.connections - before.connections,
        Number(sample.isAfterShort) - Number(before.isAfterShort),
      ] as const,
      bytes: bytesOf(sample) - bytesOf(before),
    };
  });
  type Step = (typeof steps)[number];
  const sum = (of: (step: Step) => number): number =>
    steps.reduce((total, step) => total + of(step), 0);
  const product = (a: 0 | 1 | 2, b: 0 | 1 | 2): number =>
    sum(({ causes }) => causes[a] * causes[b]);
  const [ff, fc, fr] = [product(0, 0), product(0, 1), product(0, 2)];
  const [cc, cr, rr] = [product(1, 1), product(1, 2), product(2, 2)];
  // The cofactors of a symmetric matrix: its inverse, times the determinant.
  const [ffInverse, fcInverse, frInverse] = [
    cc * rr - cr ** 2,
    fr * cr - fc * rr,
    fc * cr - fr * cc,
  ];
  const [ccInverse, crInverse, rrInverse] = [
    ff * rr - fr ** 2,
    fc * fr - ff * cr,
    ff * cc - fc ** 2,
  ];
  const determinant = ff * ffInverse + fc * fcInverse + fr * frInverse;
  if (determinant <= ff * cc * rr * 1e-9) {
    throw new RangeError('Frames and connections grow together: memory can be put down to neither');
  }
  const [fy, cy, ry] = [0, 1, 2].map((each) =>
    sum(({ causes, bytes }) => (causes[each] ?? 0) * bytes),
  ) as [number, number, number];
  const perFrame = (ffInverse * fy + fcInverse * cy + frInverse * ry) / determinant;
  const perConnection = (fcInverse * fy + ccInverse * cy + crInverse * ry) / determinant;
  const rest = (frInverse * fy + crInverse * cy + rrInverse * ry) / determinant;
  const degrees = steps.length - 3;
  const variance =
    sum(({ causes: [frames, connections, change], bytes }) => {
      return (bytes - perFrame * frames - perConnection * connections - rest * change) ** 2;
    }) / degrees;
  const marginOf = (inverse: number): number =>
    caution * studentT95(degrees) * Math.sqrt((variance * inverse) / determinant);
  return {
    perFrame: { bytes: perFrame, marginBytes: marginOf(ffInverse) },
    perConnection: { bytes: perConnection, marginBytes: marginOf(ccInverse) },
  };
}

/** Names what leaks: what grows beyond all noise over the whole run, and in its later half still. */
export function findLeaks(growth: MemoryGrowth): ('per frame' | 'per connection')[] {
  const kinds = [growth.private, growth.live];
  const isLeak = (least: number, of: (rates: GrowthRates) => Growth): boolean =>
    kinds.some(({ all, later }) =>
      [of(all), of(later)].every(({ bytes, marginBytes }) => bytes - marginBytes > least),
    );
  return [
    ...(isLeak(leastPerFrame, ({ perFrame }) => perFrame) ? (['per frame'] as const) : []),
    ...(isLeak(leastPerConnection, ({ perConnection }) => perConnection)
      ? (['per connection'] as const)
      : []),
  ];
}

/**
 * Returns the smallest leaks that {@link findLeaks} would have found for certain, in bytes: of twice the margin in the
 * later half, so that bad luck of a whole margin does not hide them.
 */
export function smallestLeaks(kind: MemoryGrowth['private']): {
  readonly perFrame: number;
  readonly perConnection: number;
} {
  const smallest = (least: number, of: (rates: GrowthRates) => Growth): number =>
    least + 2 * Math.max(of(kind.all).marginBytes, of(kind.later).marginBytes);
  return {
    perFrame: smallest(leastPerFrame, ({ perFrame }) => perFrame),
    perConnection: smallest(leastPerConnection, ({ perConnection }) => perConnection),
  };
}
