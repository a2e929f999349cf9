import { studentT95 } from '../../bench/compare/noise.js';

/** What a server holds at one time of a run, when it is at rest: all connections closed and garbage collected. */
export interface MemorySample {
  /** Frames that it has read so far. */
  readonly frames: number;
  /** Connections that it has had so far. */
  readonly connections: number;
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
 * @throws {RangeError} if there are fewer than 9 samples, or frames and connections always grow in the same proportion.
 */
export function fitGrowth(samples: readonly MemorySample[]): MemoryGrowth {
  if (samples.length < 9) {
    throw new RangeError(`${samples.length} samples of memory are too few to fit, 9 are needed`);
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

/** Solves the normal equations of `bytes = perFrame * frames + perConnection * connections`. */
function fitSteps(
  samples: readonly MemorySample[],
  bytesOf: (sample: MemorySample) => number,
): GrowthRates {
  const steps = samples.slice(1).map((sample, index) => {
    const before = samples[index] ?? sample;
    return {
      frames: sample.frames - before.frames,
      connections: sample.connections - before.connections,
      bytes: bytesOf(sample) - bytesOf(before),
    };
  });
  type Step = (typeof steps)[number];
  const sum = (of: (step: Step) => number): number =>
    steps.reduce((total, step) => total + of(step), 0);
  const ff = sum(({ frames }) => frames ** 2);
  const cc = sum(({ connections }) => connections ** 2);
  const fc = sum(({ frames, connections }) => frames * connections);
  const fy = sum(({ frames, bytes }) => frames * bytes);
  const cy = sum(({ connections, bytes }) => connections * bytes);
  const determinant = ff * cc - fc ** 2;
  if (determinant <= ff * cc * 1e-9) {
    throw new RangeError('Frames and connections grow together: memory can be put down to neither');
  }
  const perFrame = (fy * cc - cy * fc) / determinant;
  const perConnection = (cy * ff - fy * fc) / determinant;
  const degrees = steps.length - 2;
  const variance =
    sum((step) => (step.bytes - perFrame * step.frames - perConnection * step.connections) ** 2) /
    degrees;
  const bound = caution * studentT95(degrees);
  return {
    perFrame: {
      bytes: perFrame,
      marginBytes: bound * Math.sqrt((variance * cc) / determinant),
    },
    perConnection: {
      bytes: perConnection,
      marginBytes: bound * Math.sqrt((variance * ff) / determinant),
    },
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
