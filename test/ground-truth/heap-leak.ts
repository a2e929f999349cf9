import { heapBallast } from './heap-ballast.js';

/** Places per block. A block is full from the start, so that it never has to be copied to a larger one. */
const blockLength = 1024;

/** What the place of a string in its block takes (V8, 64 bit, without pointer compression). */
const referenceBytes = 8;

/** Keeps JS heap for ever, in pieces. What a piece takes is its string and the reference that holds it. */
export class HeapLeak {
  readonly #blocks: string[][] = [];
  #pieces = 0;

  /** Pieces that were leaked so far. */
  get pieces(): number {
    return this.#pieces;
  }

  /** Leaks so many bytes of the JS heap, a multiple of 8 and 32 at least, else rounded up. */
  leak(bytes: number): void {
    const place = this.#pieces % blockLength;
    if (place === 0) this.#blocks.push(new Array<string>(blockLength).fill(''));
    const block = this.#blocks.at(-1);
    if (block !== undefined) block[place] = heapBallast(bytes - referenceBytes);
    this.#pieces++;
  }
}
