/** Up to this many values the exact distribution is used, beyond that the normal one; here the two agree to within 0.003. */
const mostExact = 20;

/**
 * Returns how likely values in a random order would rise at least as consistently as these do: the one-sided p of the
 * Mann–Kendall test, 0 to 1. It asks only which of two values is the larger, so it holds for any distribution. With
 * three values the least p is 1/6, with four 1/24. Equal values count as neither a rise nor a fall, and the orders are
 * those of the values as they are, equal ones included. Beyond `exactUpTo` the normal distribution takes over.
 *
 * Sources: H. B. Mann, "Nonparametric tests against trend", Econometrica 13 (1945), 245–259; exact distribution as the
 * numbers of orders by inversions (M. G. Kendall, "Rank Correlation Methods", chapters 3 and 5), those of a multiset being
 * a q-multinomial (R. P. Stanley, "Enumerative Combinatorics" 1, proposition 1.7.1).
 */
export function probabilityOfRise(values: readonly number[], exactUpTo = mostExact): number {
  let s = 0;
  for (const [index, value] of values.entries()) {
    for (const later of values.slice(index + 1)) s += Math.sign(later - value);
  }
  const groups = sizesOfEqual(values);
  return values.length <= exactUpTo ? exactProbability(s, groups) : normalProbability(s, groups);
}

/** Returns how many values there are of each kind. */
function sizesOfEqual(values: readonly number[]): number[] {
  const sizes = new Map<number, number>();
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1);
  return [...sizes.values()];
}

/** S is the number of pairs of different values, less twice the inversions: those that fall. */
function exactProbability(s: number, groups: readonly number[]): number {
  const counts = ordersByInversions(groups);
  // The last one: all pairs of different values fall.
  const differentPairs = counts.length - 1;
  const most = Math.floor((differentPairs - s) / 2);
  return sum(counts.slice(0, most + 1)) / sum(counts);
}

function normalProbability(s: number, groups: readonly number[]): number {
  const spread = (size: number): number => size * (size - 1) * (2 * size + 5);
  const variance = (spread(sum(groups)) - sum(groups.map(spread))) / 18;
  // All values are equal.
  if (variance === 0) return 1;
  // One less than S: the correction for taking a discrete distribution for a continuous one.
  return 1 - normalDistribution((s - 1) / Math.sqrt(variance));
}

/** Returns, for each number of inversions, how many orders of the values have it; `groups` are the numbers of equal values. */
function ordersByInversions(groups: readonly number[]): number[] {
  let counts = [1];
  let placed = 0;
  for (const size of groups) {
    counts = multiply(counts, mixturesByInversions(placed, size));
    placed += size;
  }
  return counts;
}

/**
 * Returns, for each number of inversions, how many ways there are to mix `others` values with `equal` larger ones that are
 * equal: either the last is one of the others, and falls below all of the equal ones, or it is one of those.
 */
function mixturesByInversions(others: number, equal: number): number[] {
  if (others === 0 || equal === 0) return [1];
  const counts = new Array<number>(others * equal + 1).fill(0);
  const add = (more: readonly number[], inversions: number): void => {
    for (const [index, count] of more.entries()) {
      counts[index + inversions] = (counts[index + inversions] ?? 0) + count;
    }
  };
  add(mixturesByInversions(others - 1, equal), equal);
  add(mixturesByInversions(others, equal - 1), 0);
  return counts;
}

function multiply(one: readonly number[], other: readonly number[]): number[] {
  const product = new Array<number>(one.length + other.length - 1).fill(0);
  for (const [index, factor] of one.entries()) {
    for (const [more, count] of other.entries()) {
      product[index + more] = (product[index + more] ?? 0) + factor * count;
    }
  }
  return product;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
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
