/** Below malloc's threshold for mappings of their own, 128 KiB, so that a chunk comes from the heap or an arena. */
const chunkBytes = 64 * 1024;

/** Keeps native memory for ever, byte after byte, with next to nothing on the JS heap (some 300 B per 64 KiB). */
export class NativeLeak {
  readonly #chunks: Uint8Array[] = [];
  #leakedBytes = 0;

  /** Bytes that were leaked so far. */
  get leakedBytes(): number {
    return this.#leakedBytes;
  }

  /** Leaks so many bytes, and writes to them, so that they are resident. What is left of a chunk is not touched. */
  leak(bytes: number): void {
    const begin = this.#leakedBytes;
    this.#leakedBytes += bytes;
    while (this.#chunks.length * chunkBytes < this.#leakedBytes) {
      this.#chunks.push(new Uint8Array(chunkBytes));
    }
    this.rewrite(begin, bytes);
  }

  /** Writes again to `bytes` that were leaked before, from the byte `begin` on. */
  rewrite(begin: number, bytes: number): void {
    for (let done = 0; done < bytes;) {
      const offset = (begin + done) % chunkBytes;
      const end = Math.min(offset + bytes - done, chunkBytes);
      this.#chunks[Math.floor((begin + done) / chunkBytes)]?.fill(1, offset, end);
      done += end - offset;
    }
  }

  /** Counts the bytes that were written to. Takes a look at each, so it is for tests. */
  countWritten(): number {
    return this.#chunks.reduce(
      (sum, chunk) => sum + chunk.reduce((count, byte) => count + byte, 0),
      0,
    );
  }
}
