import { z95 } from '../verdict/theil-sen.js';

/** A figure with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Returns what the difference of two figures with intervals must exceed to mean anything; undefined if an interval
 * does not hold its figure.
 *
 * The half widths that face each other are added as errors are, √(h₁² + h₂²): a difference above that has a 95 %
 * interval of its own that leaves out 0. Intervals that don't overlap would be a much stricter demand (about 0.6 % of
 * equal figures instead of 5 %), and would call real differences noise.
 *
 * Sources: N. Schenker and J. F. Gentleman, "On judging the significance of differences by examining the overlap
 * between confidence intervals", The American Statistician 55 (2001), 182–186; for uneven intervals G. Y. Zou and
 * A. Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27 (2008), 1693–1702.
 */
export function noiseOfIntervals(first: Estimate, other: Estimate): number | undefined {
  const [lower, upper] = first.value <= other.value ? [first, other] : [other, first];
  if (!holdsItsValue(lower) || !holdsItsValue(upper)) return undefined;
  return Math.hypot(lower.high - lower.value, upper.value - upper.low);
}

/** What stands for a run that has one value per wave. */
export type WaveStatistic = 'median' | 'total';

/**
 * The standard error of a median of normal values is at most this many times that of their mean, from three values on
 * (with one or two they are the same). M. G. Kendall and A. Stuart, "The Advanced Theory of Statistics", volume 1.
 */
const medianFactor = Math.sqrt(Math.PI / 2);

/** Scatter below this share of the values is that of arithmetic: R's `t.test` calls such data essentially constant. */
const leastScatterShare = 10 * Number.EPSILON;

/**
 * Returns what the difference of two runs must exceed to mean anything, from their values of each wave; undefined if
 * that can't be told: fewer than two waves in one of them, no scatter in either, or totals of unequally many waves.
 *
 * It is the 95 % bound of Welch's t test, which needs no equal scatter: t × √(s₁²/n₁ + s₂²/n₂), with the degrees of
 * freedom rounded down. For medians it is widened, because they scatter more than means. Of equal runs with normal
 * waves, 1 to 4 in 100 pass for different (simulated, 2 to 16 waves).
 *
 * Waves of one run share a process, so that this is the scatter of waves, not of starts of the server. Waves that
 * drift, as while a runtime warms up, make the bound wider.
 *
 * Source: B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
 * involved", Biometrika 34 (1947), 28–35; T. Kalibera and R. Jones, "Rigorous benchmarking in reasonable time", ISMM
 * 2013, on the levels at which runs vary.
 */
export function noiseOfWaves(
  first: readonly number[],
  other: readonly number[],
  statistic: WaveStatistic,
): number | undefined {
  if (first.length < 2 || other.length < 2) return undefined;
  if (statistic === 'total' && first.length !== other.length) return undefined;
  const [one, two] = [describe(first), describe(other)];
  const variance = one.meanVariance + two.meanVariance;
  const size = Math.max(Math.abs(one.mean), Math.abs(two.mean));
  if (Math.sqrt(variance) <= leastScatterShare * size) return undefined;
  const degrees =
    variance ** 2 /
    (one.meanVariance ** 2 / (first.length - 1) + two.meanVariance ** 2 / (other.length - 1));
  // The sum of rounding errors must not take a whole degree away.
  const bound = studentT95(Math.max(1, Math.floor(degrees + 1e-9))) * Math.sqrt(variance);
  if (statistic === 'total') return first.length * bound;
  return Math.max(first.length, other.length) < 3 ? bound : medianFactor * bound;
}

function holdsItsValue({ value, low, high }: Estimate): boolean {
  return low <= value && value <= high;
}

/** Mean, and the variance of the mean. */
function describe(values: readonly number[]): { mean: number; meanVariance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, meanVariance: squares / (values.length - 1) / values.length };
}

/** Two-sided 95 % quantiles for 1 to 10 degrees of freedom. */
const tabulated = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228] as const;

/**
 * Returns the quantile of Student's t that bounds 95 % of it on both sides, for whole degrees of freedom from 1.
 *
 * Sources: NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2, up to 10; the expansion 26.7.5 of
 * Abramowitz and Stegun, "Handbook of Mathematical Functions", beyond, which is exact to 0.0002 there.
 */
export function studentT95(degreesOfFreedom: number): number {
  const known = tabulated[degreesOfFreedom - 1];
  if (known !== undefined) return known;
  const [n, z] = [degreesOfFreedom, z95];
  return (
    z +
    (z ** 3 + z) / (4 * n) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * n ** 3)
  );
}
