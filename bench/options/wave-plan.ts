/** How many waves a run has; `auto` for as many as it takes until the verdict is clear. */
export type Waves = number | 'auto';

/** With fewer waves no verdict can be told from chance; with more, the answer would take too long. */
export const autoWaves = { fewest: 4, most: 12 } as const;

/** Sizes of the waves after the first, as shares of the connections that were asked for. */
const shares = [0.99, 0.98, 0.97] as const;

/** With fewer connections than this, the shares would not differ. */
const fewestForShares = 200;

/**
 * Returns how many connections a wave is to open. With `auto` the first one takes all, and the others take prime numbers
 * a little below. Something that each connection has once then shows by its number, as it rises by 9,887 after one
 * wave and by 9,787 after the next.
 * @param waves how many there are to be
 * @param connections that were asked for
 * @param wave number of the wave, from 1
 */
export function waveSize(waves: Waves, connections: number, wave: number): number {
  if (waves !== 'auto' || wave === 1 || connections < fewestForShares) return connections;
  const share = shares[(wave - 2) % shares.length] ?? 1;
  return largestPrimeUpTo(Math.floor(connections * share));
}

function largestPrimeUpTo(number: number): number {
  let candidate = number;
  while (!isPrime(candidate)) candidate--;
  return candidate;
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) {
    if (number % divisor === 0) return false;
  }
  return number > 1;
}
