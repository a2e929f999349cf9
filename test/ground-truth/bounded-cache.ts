import { NativeLeak } from './native-leak.js';

/** A cache in native memory that grows up to its bound, and then writes over its oldest entries. */
export class BoundedCache {
  readonly #memory = new NativeLeak();
  readonly #entryBytes: number;
  readonly #entriesAtMost: number;
  #added = 0;

  constructor(entryBytes: number, boundBytes: number) {
    this.#entryBytes = entryBytes;
    this.#entriesAtMost = entryBytes === 0 ? 0 : Math.floor(boundBytes / entryBytes);
  }

  /** Bytes that are in the cache; never above the bound. */
  get bytes(): number {
    return this.#memory.leakedBytes;
  }

  /** Adds an entry. */
  add(): void {
    if (this.#entriesAtMost === 0) return;
    const place = this.#added % this.#entriesAtMost;
    if (this.#added < this.#entriesAtMost) this.#memory.leak(this.#entryBytes);
    else this.#memory.rewrite(place * this.#entryBytes, this.#entryBytes);
    this.#added++;
  }
}
