/** One observation. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A slope with its interval, in y per x. */
export interface Slope {
  readonly slope: number;
  /** Bounds of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 % quantile of the normal distribution. */
export const z95 = 1.959964;

/** Pairs are looked at one by one: with more points, a run of hours would take minutes to judge. */
const mostPoints = 1500;

/**
 * Estimates the slope of y on x as the median of the slopes of all pairs with different x, which stays sound even if a
 * quarter of the points are wild. The interval comes from the order statistics of those slopes, with the normal approximation of
 * the variance of Kendall's S, corrected for ties in x; with fewer than five points it spans all slopes.
 *
 * Sources: P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968), 1379–1389;
 * R. O. Gilbert, "Statistical Methods for Environmental Pollution Monitoring" (1987), section 16.5.
 *
 * Undefined without two points of different x. Points that follow each other in time are treated as independent; where
 * they are not, the interval is too narrow. If there are more than 1500 points, evenly spread ones are used.
 */
export function theilSen(points: readonly Point[]): Slope | undefined {
  const used = thinOut(points);
  const slopes: number[] = [];
  for (const [index, { x, y }] of used.entries()) {
    for (const later of used.slice(index + 1)) {
      if (later.x !== x) slopes.push((later.y - y) / (later.x - x));
    }
  }
  if (slopes.length === 0) return undefined;
  const sorted = Float64Array.from(slopes).sort();
  const reach = z95 * Math.sqrt(varianceOfS(used.map(({ x }) => x)));
  // The M-th smallest and the M-th largest slope; counted from 1 in the source.
  const lowest = Math.round((sorted.length - reach) / 2) - 1;
  return {
    slope: middleOf(sorted),
    low: sorted[Math.max(0, lowest)] ?? NaN,
    high: sorted[Math.min(sorted.length - 1, sorted.length - 1 - lowest)] ?? NaN,
  };
}

/** Variance of Kendall's S when nothing depends on anything, with ties among the x (Gilbert, equation 16.4). */
function varianceOfS(xs: readonly number[]): number {
  const sizes = new Map<number, number>();
  for (const x of xs) sizes.set(x, (sizes.get(x) ?? 0) + 1);
  const term = (size: number): number => size * (size - 1) * (2 * size + 5);
  let ties = 0;
  for (const size of sizes.values()) ties += term(size);
  return (term(xs.length) - ties) / 18;
}

function middleOf(sorted: Float64Array): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
  return (upper + lower) / 2;
}

function thinOut(points: readonly Point[]): readonly Point[] {
  if (points.length <= mostPoints) return points;
  const step = points.length / mostPoints;
  return Array.from({ length: mostPoints }, (_, index) => points[Math.floor(index * step)]).filter(
    (point) => point !== undefined,
  );
}
