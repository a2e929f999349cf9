import type { Judgement } from '../results/summary.js';
import { formatBytes } from '../../program/quantities.js';
import { probabilityOfRise } from './mann-kendall.js';
import { type Point, type Slope, theilSen } from './theil-sen.js';

/** What one owner of memory did over the waves of a run, in bytes. */
export interface FloorSeries {
  /** Floor before the first wave. */
  readonly baselineBytes: number;
  /** Most that was held in a hold. */
  readonly peakBytes: number;
  /** Floor after each wave. */
  readonly floors: readonly Floor[];
  /** Scatter of the samples that the floors are medians of: 1.4826 × median absolute deviation. */
  readonly noiseBytes: number;
  /** Differences up to this are noise in any case; 256 KiB by default. */
  readonly leastNoiseBytes?: number;
}

/** The floor after one wave. */
export interface Floor {
  readonly bytes: number;
  /** Connections opened since the run began. */
  readonly openedTotal: number;
}

/** With fewer floors no order of theirs is unlikely enough: three have a least p of 1/6, four of 1/24. */
export const fewestWaves = 4;

/** Waves that tell a rise that goes on from one that levels off. */
export const wavesForTrend = 8;

/** A rise in this share of random orders is no evidence. */
const significance = 0.05;

/**
 * Less than this per connection opened is no growth, in bytes. A runtime warms up for many waves: the floors of our own
 * server, which keeps nothing, rise by up to 15 bytes per connection at 10,000 per wave (measured).
 */
const negligiblePerConnection = 32;

/**
 * A rise by less than this share of the peak's growth is no growth either: where workers share a port, connections spread
 * over them by chance, and each keeps what its fullest wave needed (3,000 connections on 2 workers: up to 2 %).
 */
const negligibleRiseShare = 0.03;

/** Memory that came back except for this share of the peak's growth came back. */
const negligibleLevelShare = 0.05;

/** Allocators take memory in steps, so that smaller differences mean nothing. */
const smallestNoiseBytes = 256 * 1024;

/** A late slope below this share of the early one is called slowing. */
const slowingRatio = 0.6;

/** Floors that scatter by more than this share of the peak's growth, without rising, tell nothing. */
const noisyShare = 0.5;

/**
 * Judges whether memory came back.
 *
 * - `growing`: the floors rise more consistently than chance would have it (Mann–Kendall, p ≤ 0.05, and the whole interval
 *   of their slope is above what is negligible), and still do at the end: over the last half of the waves, rise and slope are above the noise. A cache that has filled up is
 *   therefore not growing, though its first floors rose.
 * - `retained`: not growing, but the last floor is above the baseline by more than the noise.
 * - `released`: neither.
 * - `inconclusive`: fewer than four waves, unless all floors are back at the baseline; or floors that jump about.
 *
 * The first wave's rise over the baseline, which includes the warming up of the server, is never taken for growth.
 */
export function judgeFloors(series: FloorSeries): Judgement {
  const { baselineBytes, peakBytes, floors } = series;
  const last = floors.at(-1)?.bytes ?? baselineBytes;
  const noiseBytes = noiseOf(series);
  const growth = slopeOf(floors);
  const evidence = {
    baseline_bytes: baselineBytes,
    peak_growth_bytes: peakBytes - baselineBytes,
    floors_bytes: floors.map(({ bytes }) => bytes),
    retained_bytes: last - baselineBytes,
    noise_bytes: noiseBytes,
    ...(growth === undefined ? {} : growthFields(growth)),
    ...(floors.length < 2 ? {} : { rise_p: probabilityOfRise(floors.map(({ bytes }) => bytes)) }),
  };
  if (floors.length < fewestWaves) return { ...judgeFew(series, noiseBytes), ...evidence };
  if (
    (growth?.low ?? 0) > negligiblePerConnection &&
    isRising(floors, noiseBytes, evidence.rise_p ?? 1)
  ) {
    return { ...evidence, ...describeGrowth(floors) };
  }
  const tail = tailOf(floors).map(({ bytes }) => bytes);
  const spread = Math.max(...tail) - Math.min(...tail);
  if (spread > 2 * noiseBytes && spread > noisyShare * (peakBytes - baselineBytes)) {
    return {
      verdict: 'inconclusive',
      reason: `the last floors differ by ${formatBytes(spread)} without rising or falling: too noisy, run ${Math.max(wavesForTrend, 2 * floors.length)} waves`,
      waves_needed: Math.max(wavesForTrend, 2 * floors.length),
      ...evidence,
    };
  }
  const enough = Math.max(noiseBytes, negligibleLevelShare * (peakBytes - baselineBytes));
  return { ...judgeLevel(evidence.retained_bytes, enough, floors.length), ...evidence };
}

function judgeFew(
  { baselineBytes, floors }: FloorSeries,
  noiseBytes: number,
): Pick<Judgement, 'verdict' | 'reason' | 'waves_needed'> {
  const highest = Math.max(...floors.map(({ bytes }) => bytes));
  if (floors.length >= 2 && highest - baselineBytes <= noiseBytes) {
    return judgeLevel(highest - baselineBytes, noiseBytes, floors.length);
  }
  const waves = floors.length === 1 ? '1 wave' : `${floors.length} waves`;
  return {
    verdict: 'inconclusive',
    reason: `${waves} can't tell what is kept once from what grows: run ${fewestWaves} waves or more`,
    waves_needed: fewestWaves,
  };
}

function judgeLevel(
  retainedBytes: number,
  toleratedBytes: number,
  waves: number,
): Pick<Judgement, 'verdict' | 'reason'> {
  if (retainedBytes <= toleratedBytes) {
    return {
      verdict: 'released',
      reason: `after ${waves} waves the floor is within ${formatBytes(toleratedBytes)} of the baseline`,
    };
  }
  return {
    verdict: 'retained',
    reason: `${formatBytes(retainedBytes)} stay above the baseline, but the last floors don't rise by more than chance would have it: the next wave uses them again`,
  };
}

/** What a difference between two floors must exceed to mean anything. */
function noiseOf(series: FloorSeries): number {
  const { baselineBytes, peakBytes, floors, noiseBytes, leastNoiseBytes } = series;
  const opened = floors.at(-1)?.openedTotal ?? 0;
  const perWave = floors.length === 0 ? 0 : opened / floors.length;
  return Math.max(
    3 * noiseBytes,
    leastNoiseBytes ?? smallestNoiseBytes,
    negligiblePerConnection * perWave,
    negligibleRiseShare * (peakBytes - baselineBytes),
  );
}

function isRising(floors: readonly Floor[], noiseBytes: number, p: number): boolean {
  if (p > significance) return false;
  const tail = tailOf(floors);
  const lateRise = (tail.at(-1)?.bytes ?? 0) - (tail[0]?.bytes ?? 0);
  const late = slopeOf(tail)?.slope ?? 0;
  const perWave = (tail.at(-1)?.openedTotal ?? 0) / floors.length;
  const isWorthNaming = late > negligiblePerConnection && late * perWave > noiseBytes / 2;
  return isWorthNaming && lateRise > noiseBytes;
}

/** The floors between which the last half of the waves lies, so one more than they are. */
function tailOf(floors: readonly Floor[]): readonly Floor[] {
  return floors.slice(-(Math.floor(floors.length / 2) + 1));
}

function describeGrowth(
  floors: readonly Floor[],
): Pick<Judgement, 'verdict' | 'reason' | 'trend'> & ReturnType<typeof growthFields> {
  const half = Math.ceil(floors.length / 2);
  const early = slopeOf(floors.slice(0, half))?.slope ?? 0;
  const lateSlope = slopeOf(floors.slice(-half));
  const isSlowing = (lateSlope?.slope ?? 0) < slowingRatio * early;
  const growth = slopeOf(floors) ?? noSlope;
  const { slope, low, high } = growth;
  const rise = `the floors rise by ${formatBytes(slope)} per connection opened (95 % interval ${formatBytes(low)} to ${formatBytes(high)})`;
  return {
    verdict: 'growing',
    trend: isSlowing ? 'slowing' : 'steady',
    reason: isSlowing
      ? `${rise}, but less at the end than at the beginning: it may level off, run ${2 * Math.max(floors.length, fewestWaves)} waves to see`
      : `${rise}, as fast at the end as at the beginning: a leak`,
    ...growthFields(growth),
  };
}

const noSlope: Slope = { slope: 0, low: 0, high: 0 };

function slopeOf(floors: readonly Floor[]): Slope | undefined {
  return theilSen(floors.map(({ bytes, openedTotal }): Point => ({ x: openedTotal, y: bytes })));
}

function growthFields({ slope, low, high }: Slope) {
  return {
    growth_bytes_per_connection: slope,
    growth_bytes_per_connection_low: low,
    growth_bytes_per_connection_high: high,
  };
}
