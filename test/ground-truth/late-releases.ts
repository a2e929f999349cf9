/** Freed entries are dropped from the queue once there are so many. */
const compactAfter = 4096;

/** Slots that wait for their time to be given back: a queue of numbers, in the order of their closes. */
export class LateReleases {
  readonly #delayMs: number;
  readonly #release: (slot: number) => void;
  readonly #slots: number[] = [];
  readonly #dueMs: number[] = [];
  #next = 0;

  /** `release` gets each slot `delayMs` after it was added. */
  constructor(delayMs: number, release: (slot: number) => void) {
    this.#delayMs = delayMs;
    this.#release = release;
  }

  /** Slots that wait. */
  get waiting(): number {
    return this.#slots.length - this.#next;
  }

  /** Adds a slot at the time `nowMs`, which must not go back. */
  add(slot: number, nowMs: number): void {
    this.#slots.push(slot);
    this.#dueMs.push(nowMs + this.#delayMs);
  }

  /** Releases all slots whose time has come. */
  releaseDue(nowMs: number): void {
    while (this.waiting > 0 && (this.#dueMs[this.#next] ?? 0) <= nowMs) {
      this.#release(this.#slots[this.#next] ?? NaN);
      this.#next++;
    }
    if (this.#next < compactAfter && this.waiting > 0) return;
    this.#slots.splice(0, this.#next);
    this.#dueMs.splice(0, this.#next);
    this.#next = 0;
  }
}
