import { formatBytes } from '../../program/quantities.js';
import type { Judgement } from '../results/summary.js';
import { blockBootstrap, type Increment } from './block-bootstrap.js';
import { fewestFloors, negligiblePerConnection } from './judge-holdings.js';
import { growthFields } from './judgement.js';
import { probabilityOfRise } from './mann-kendall.js';
import { type Point, type Slope, theilSen } from './theil-sen.js';

/** What one owner of memory did over the waves of a run, in bytes. */
export interface FloorSeries {
  /** Floor before the first wave. */
  readonly baselineBytes: number;
  /** The most that was used in a hold. */
  readonly peakBytes: number;
  /** Floor after each wave. */
  readonly floors: readonly Floor[];
  /** Scatter of the samples that the floors are medians of: 1.4826 × median absolute deviation. */
  readonly noiseBytes: number;
  /** Differences up to this are noise in any case; 256 KiB by default. */
  readonly leastNoiseBytes?: number;
  /** What an allocator or a collector may come to keep though nothing leaks; nothing by default. */
  readonly headroom?: Headroom;
}

/** Memory that may rise by itself. */
export interface Headroom {
  readonly bytes: number;
  /** Whose it is, in a sentence: "… of which may come and go". */
  readonly what: string;
  /** How it could be told from a leak, in words. */
  readonly cure: string;
}

/** The floor after one wave. */
export interface Floor {
  readonly bytes: number;
  /** Connections opened since the run began. */
  readonly openedTotal: number;
}

/** Waves needed to tell a rise that goes on from one that levels off. */
export const wavesForTrend = 8;

/** A rise in this share of random orders is a reason to look on. */
const suspicion = 0.05;

/** A rise in this share of random orders is no evidence: six floors that all rise have a p of 1/720. */
const significance = 0.01;

/** Resident memory alone shows a leak only after this many steps, each larger than the noise: an allocator takes a few large ones. */
const fewestSteps = 5;

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
 * This looks at resident memory alone, which is what allocators and collectors happen to keep: where the program's own
 * holdings can be counted, {@link judgeHoldings} decides.
 *
 * - `growing`: the floors rise far more consistently than chance would have it (Mann–Kendall, p ≤ 0.01), in five steps
 *   or more, by more than allocators and collectors could explain, and still do at the end: over the last half of the waves,
 *   rise and slope are above the noise. A cache that has filled up is therefore not growing, though its first floors rose.
 * - `retained`: not rising, but the last floor is above the baseline by more than the noise.
 * - `released`: neither.
 * - `inconclusive`: fewer than four waves, unless all floors are back at the baseline; floors that rise (p ≤ 0.05), but not
 *   by enough or not often enough; or floors that jump about.
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
  if (floors.length < fewestFloors) return { ...judgeFew(series, noiseBytes), ...evidence };
  const p = evidence.rise_p ?? 1;
  if (
    growth !== undefined &&
    growth.slope > negligiblePerConnection &&
    isRising(floors, noiseBytes, p)
  ) {
    return { ...evidence, ...judgeRise(series, growth, noiseBytes, p) };
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
  return { ...judgeLevel(evidence.retained_bytes, enough, floors, noiseBytes, p), ...evidence };
}

function judgeFew(
  { baselineBytes, floors }: FloorSeries,
  noiseBytes: number,
): Pick<Judgement, 'verdict' | 'reason' | 'waves_needed'> {
  const highest = Math.max(...floors.map(({ bytes }) => bytes));
  if (floors.length >= 2 && highest - baselineBytes <= noiseBytes) {
    return judgeLevel(highest - baselineBytes, noiseBytes, floors, noiseBytes, 1);
  }
  const waves = floors.length === 1 ? '1 wave' : `${floors.length} waves`;
  return {
    verdict: 'inconclusive',
    reason: `${waves} can't tell what is kept once from what grows: run ${fewestFloors} waves or more`,
    waves_needed: fewestFloors,
  };
}

function judgeLevel(
  retainedBytes: number,
  toleratedBytes: number,
  floors: readonly Floor[],
  noiseBytes: number,
  p: number,
): Pick<Judgement, 'verdict' | 'reason'> {
  if (retainedBytes <= toleratedBytes) {
    return {
      verdict: 'released',
      reason: `after ${floors.length} waves the floor is within ${formatBytes(toleratedBytes)} of the baseline`,
    };
  }
  return {
    verdict: 'retained',
    reason: `${formatBytes(retainedBytes)} stay above the baseline, but ${describeLevel(floors, noiseBytes, p)}: the next wave uses them again`,
  };
}

/** Says which rule found that the floors do not rise. */
function describeLevel(floors: readonly Floor[], noiseBytes: number, p: number): string {
  const tail = tailOf(floors);
  const lateRise = (tail.at(-1)?.bytes ?? 0) - (tail[0]?.bytes ?? 0);
  const waves = `over the last ${tail.length - 1} waves the floors`;
  if (lateRise <= 0) return `${waves} don't rise`;
  const rise = `${waves} rise by ${formatBytes(lateRise)}`;
  if (lateRise <= noiseBytes) {
    return `${rise}, which is no more than the noise (${formatBytes(noiseBytes)})`;
  }
  return p > suspicion
    ? `${rise}, but not wave after wave (p = ${p.toFixed(2)})`
    : `${rise}, less than ${negligiblePerConnection} B per connection opened`;
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
  if (p > suspicion) return false;
  const tail = tailOf(floors);
  const lateRise = (tail.at(-1)?.bytes ?? 0) - (tail[0]?.bytes ?? 0);
  const late = slopeOf(tail)?.slope ?? 0;
  const perWave = (tail.at(-1)?.openedTotal ?? 0) / floors.length;
  const isWorthNaming = late > negligiblePerConnection && late * perWave > noiseBytes / 2;
  return isWorthNaming && lateRise > noiseBytes;
}

/** The floors between which the last half of the waves lies, so one more than there are waves. */
function tailOf(floors: readonly Floor[]): readonly Floor[] {
  return floors.slice(-(Math.floor(floors.length / 2) + 1));
}

/** Judges floors that rise: whether that is a leak, or may be what an allocator or a collector keeps. */
function judgeRise(
  { floors, headroom }: FloorSeries,
  { slope, low, high }: Slope,
  noiseBytes: number,
  p: number,
): Pick<Judgement, 'verdict' | 'reason' | 'trend' | 'waves_needed'> {
  const rise = `the floors of resident memory rise by ${formatBytes(slope)} per connection opened (95 % interval ${formatBytes(low)} to ${formatBytes(high)})`;
  const waves = Math.max(wavesForTrend, 2 * floors.length);
  const steps = incrementsOf(floors).filter(({ amount }) => amount > noiseBytes / 2).length;
  const risen = (floors.at(-1)?.bytes ?? 0) - (floors[0]?.bytes ?? 0);
  if (p > significance || steps < fewestSteps) {
    return {
      verdict: 'inconclusive',
      reason: `${rise}, in ${steps} steps so far: too few to tell a leak from what is kept for the next time, run ${waves} waves${cureOf(headroom)}`,
      waves_needed: waves,
    };
  }
  if (headroom !== undefined && risen <= headroom.bytes) {
    return {
      verdict: 'inconclusive',
      reason: `${rise}, ${formatBytes(risen)} in all, but ${headroom.what} may come to ${formatBytes(headroom.bytes)}: run ${waves} waves${cureOf(headroom)}`,
      waves_needed: waves,
    };
  }
  const half = Math.ceil(floors.length / 2);
  const early = slopeOf(floors.slice(0, half))?.slope ?? 0;
  const late = slopeOf(floors.slice(-half))?.slope ?? 0;
  const isSlowing = late < slowingRatio * early;
  return {
    verdict: 'growing',
    trend: isSlowing ? 'slowing' : 'steady',
    reason: isSlowing
      ? `${rise}, but less at the end than at the beginning: it may level off, run ${2 * floors.length} waves to see`
      : `${rise}, as fast at the end as at the beginning: a leak`,
  };
}

function cureOf(headroom: Headroom | undefined): string {
  return headroom === undefined ? '' : `, or ${headroom.cure}`;
}

/** The slope is the median of all pairs; its interval takes into account that a floor depends on those before. */
function slopeOf(floors: readonly Floor[]): Slope | undefined {
  const slope = theilSen(
    floors.map(({ bytes, openedTotal }): Point => ({ x: openedTotal, y: bytes })),
  )?.slope;
  if (slope === undefined) return undefined;
  const { low, high } = blockBootstrap(incrementsOf(floors));
  return { slope, low: Math.min(slope, low), high: Math.max(slope, high) };
}

/** What was added from one floor to the next, over the connections opened between them. */
function incrementsOf(floors: readonly Floor[]): Increment[] {
  return floors.slice(1).map(({ bytes, openedTotal }, index) => ({
    amount: bytes - (floors[index]?.bytes ?? 0),
    per: openedTotal - (floors[index]?.openedTotal ?? 0),
  }));
}
