/** Up to this many values the distribution is exact, beyond it normal; the two agree to 0.003 there. */
const mostExact = 20;

/**
 * Returns how likely values in a random order would rise at least as consistently as these do: the one-sided p of the
 * Mann–Kendall test, 0 to 1. It asks only which of two values is the larger, so it holds for any distribution. With
 * three values the least p is 1/6, with four 1/24. Equal values count as neither, which makes the test cautious.
 *
 * Sources: H. B. Mann, "Nonparametric tests against trend", Econometrica 13 (1945), 245–259; exact distribution as the
 * numbers of permutations by inversions (M. G. Kendall, "Rank Correlation Methods", chapter 5).
 */
export function probabilityOfRise(values: readonly number[]): number {
  const pairs = (values.length * (values.length - 1)) / 2;
  let s = 0;
  for (const [index, value] of values.entries()) {
    for (const later of values.slice(index + 1)) s += Math.sign(later - value);
  }
  if (values.length <= mostExact) {
    const counts = permutationsByInversions(values.length);
    const most = Math.floor((pairs - s) / 2);
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.slice(0, most + 1).reduce((sum, count) => sum + count, 0) / total;
  }
  const deviation = Math.sqrt((values.length * (values.length - 1) * (2 * values.length + 5)) / 18);
  // One less than S: the correction for taking a discrete distribution for a continuous one.
  return 1 - normalDistribution((s - 1) / deviation);
}

/** Returns, for each number of inversions, how many permutations of `length` items have it. */
function permutationsByInversions(length: number): number[] {
  let counts = [1];
  for (let items = 2; items <= length; items++) {
    const next = new Array<number>(counts.length + items - 1).fill(0);
    for (const [inversions, count] of counts.entries()) {
      for (let added = 0; added < items; added++) {
        next[inversions + added] = (next[inversions + added] ?? 0) + count;
      }
    }
    counts = next;
  }
  return counts;
}

/** Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.17: exact to 7.5 in 10^8. */
function normalDistribution(x: number): number {
  if (x < 0) return 1 - normalDistribution(-x);
  const t = 1 / (1 + 0.2316419 * x);
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
