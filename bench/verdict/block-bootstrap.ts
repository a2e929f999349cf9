/** What was added, and over how many connections. */
export interface Increment {
  readonly amount: number;
  readonly per: number;
}

/** Bounds of a 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Number of random series that are drawn: more of them would change the bounds by less than 1 % of their distance. */
const draws = 2000;

/** With fewer increments there is nothing to draw from: the interval spans them all. */
const fewestIncrements = 5;

/**
 * Returns a 95 % interval of the mean rate of a series whose values depend on those before, as memory does: blocks of
 * neighbours, about as long as the cube root of the series and two at least, are drawn at random and put together, and the
 * interval is what the middle 95 % of the rates span. The random numbers are always the same, so that judging a run twice
 * gives the same result.
 *
 * Source: H. R. Künsch, "The jackknife and the bootstrap for general stationary observations", Annals of Statistics 17
 * (1989), 1217–1241; blocks wrap around the end (D. N. Politis, J. P. Romano, "A circular block-resampling procedure for
 * stationary data", 1992).
 */
export function blockBootstrap(all: readonly Increment[]): Interval {
  const increments = all.filter(({ per }) => per > 0);
  if (increments.length === 0) return { low: NaN, high: NaN };
  if (increments.length < fewestIncrements) {
    const rates = increments.map(({ amount, per }) => amount / per);
    return { low: Math.min(...rates), high: Math.max(...rates) };
  }
  const length = Math.max(2, Math.round(Math.cbrt(increments.length)));
  const random = createRandom();
  const rates = Float64Array.from({ length: draws }, () => {
    let [amount, per] = [0, 0];
    for (let drawn = 0; drawn < increments.length; drawn += length) {
      const begin = Math.floor(random() * increments.length);
      for (let index = 0; index < length && drawn + index < increments.length; index++) {
        const increment = increments[(begin + index) % increments.length];
        amount += increment?.amount ?? 0;
        per += increment?.per ?? 0;
      }
    }
    return amount / per;
  }).sort();
  return {
    low: rates[Math.floor(0.025 * draws)] ?? NaN,
    high: rates[Math.ceil(0.975 * draws) - 1] ?? NaN,
  };
}

/**
 * Returns a generator of numbers between 0 and 1, as Math.random can't be given a seed: Lehmer's with the factor 48271 (S. K.
 * Park, K. W. Miller, P. K. Stockmeyer, CACM 36 (1993), 105–110), whose products are exact in a double.
 */
function createRandom(): () => number {
  const modulus = 2 ** 31 - 1;
  let state = 20_261_126;
  return () => {
    state = (state * 48_271) % modulus;
    return state / modulus;
  };
}
