/** Below malloc's threshold for mappings of their own, 128 KiB, so that a chunk comes from the heap or an arena. */
const chunkBytes = 64 * 1024;

/** Keeps native memory for ever, byte after byte, with next to nothing on the JS heap. */
export class NativeLeak {
  readonly #chunks: Uint8Array[] = [];
  #left = 0;

  /** Bytes that were leaked so far. */
  leakedBytes = 0;

  /** Leaks so many bytes, and writes to them, so that they are resident. */
  leak(bytes: number): void {
    this.leakedBytes += bytes;
    for (let missing = bytes; missing > 0;) {
      if (this.#left === 0) {
        this.#chunks.push(new Uint8Array(chunkBytes));
        this.#left = chunkBytes;
      }
      const taken = Math.min(missing, this.#left);
      const begin = chunkBytes - this.#left;
      this.#chunks.at(-1)?.fill(1, begin, begin + taken);
      this.#left -= taken;
      missing -= taken;
    }
  }
}
