import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { type ClientFrame, encodeFrame } from './frame.js';

/** Lengths at which something changes, in bytes: the forms of the length, the limit of the message, none. */
const telling = [0, 1, 2, 125, 126, 127, 1000, 16_384, 16_385];

/** Makes the same frames from the same seed: most of them right, the others wrong in one way or several. */
export class RandomFrames {
  readonly #random: RandomGenerator;

  constructor(seed: number) {
    this.#random = xoroshiro128plus(seed);
  }

  /** Returns the next frame, as it goes over the wire. */
  next(): Buffer {
    const frame: ClientFrame = {
      // Every opcode there is, the wrong ones seldom.
      opcode: this.#isSeldom() ? this.#upTo(15) : ([0, 1, 2, 2, 9, 10][this.#upTo(5)] ?? 2),
      payload: this.#payload(),
      isFinal: this.#upTo(9) > 0,
      reserved: this.#isSeldom() ? this.#upTo(7) : 0,
      isMasked: !this.#isSeldom(),
      mask: Buffer.from([this.#upTo(255), this.#upTo(255), this.#upTo(255), this.#upTo(255)]),
    };
    const bytes = encodeFrame(frame);
    // Some are cut, and what follows is taken for the rest of them.
    return this.#isSeldom() ? bytes.subarray(0, this.#upTo(bytes.length)) : bytes;
  }

  #payload(): Buffer {
    const length = this.#upTo(9) === 0 ? (telling[this.#upTo(8)] ?? 0) : this.#upTo(60);
    const isText = this.#upTo(3) > 0;
    const payload = Buffer.alloc(length, 'x');
    if (!isText) for (let at = 0; at < length; at += 7) payload[at] = this.#upTo(255);
    return payload;
  }

  #isSeldom(): boolean {
    return this.#upTo(199) === 0;
  }

  /** Returns a whole number of 0 to `most`. */
  #upTo(most: number): number {
    return uniformInt(this.#random, 0, most);
  }
}
