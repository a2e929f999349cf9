import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Random choices, the same ones for the same seed and stream. */
export class RandomSource {
  readonly #generator: RandomGenerator;

  /** The stream, a whole number of 0 or more, tells apart sources of one seed. */
  constructor(seed: number, stream: number) {
    this.#generator = xoroshiro128plus(mix(seed ^ mix(stream + 1)));
    // Its first numbers show how alike two seeds are.
    for (let skipped = 0; skipped < 16; skipped++) this.#generator.next();
  }

  /** Returns a whole number of 0 to `most`, which is below 2^32. */
  upTo(most: number): number {
    return Math.floor(((this.#generator.next() >>> 0) / 2 ** 32) * (most + 1));
  }

  /** Returns true once in `count` times. */
  isOneIn(count: number): boolean {
    return this.upTo(count - 1) === 0;
  }

  /**
   * Returns one of these.
   * @throws {RangeError} if there is none.
   */
  pick<Value>(values: readonly Value[]): Value {
    const [value] = values.slice(this.upTo(values.length - 1));
    if (value === undefined) throw new RangeError('Cannot pick one of no values');
    return value;
  }

  /** Returns four bytes for a mask. */
  mask(): Buffer {
    const mask = Buffer.allocUnsafe(4);
    mask.writeInt32LE(this.#generator.next());
    return mask;
  }
}

/** Spreads what differs in one bit over all 32 (the end of MurmurHash3, by Austin Appleby). */
function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
