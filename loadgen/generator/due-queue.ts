import TinyQueue from 'tinyqueue';

interface Entry<Item> {
  readonly dueMs: number;
  readonly item: Item;
}

/** Things that are due at moments of CLOCK_MONOTONIC, in milliseconds, in the order in which they are due. */
export class DueQueue<Item> {
  readonly #entries = new TinyQueue<Entry<Item>>([], (one, other) => one.dueMs - other.dueMs);

  /** When the first one is due; Infinity if there is none. */
  get nextMs(): number {
    return this.#entries.peek()?.dueMs ?? Infinity;
  }

  push(dueMs: number, item: Item): void {
    this.#entries.push({ dueMs, item });
  }

  /** Takes the first one out, if it is due by now. */
  take(nowMs: number): Item | undefined {
    return this.nextMs <= nowMs ? this.#entries.pop()?.item : undefined;
  }
}
