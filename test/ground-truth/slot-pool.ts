/**
 * Above 32 MiB, the most that glibc's threshold for mappings of their own ever rises to (mallopt(3), M_MMAP_THRESHOLD),
 * so that a slab is always fresh, untouched memory from the kernel and goes straight back to it.
 */
const leastSlabBytes = 33 * 1024 * 1024;

interface Slab {
  readonly memory: Uint8Array;
  /** Slots that were ever taken; what lies behind them is not resident. */
  begun: number;
  /** Slots that are taken now. */
  used: number;
}

/**
 * Native memory in slots of one size, outside the JS heap. A slot is a number, so that holding one takes nothing more.
 * It is written to when it is taken, so that it is resident. A slab goes back to the kernel when all of its slots have
 * been given back and V8 has collected its ArrayBuffer. Beside the slots a slab takes 4 KiB.
 *
 * A single slot is not used again: new connections in the gaps between old ones would keep slabs of both, and how many
 * would be a matter of chance. That suits waves, in which all connections close; under churn, slabs would fill with gaps.
 */
export class SlotPool {
  readonly #slotBytes: number;
  readonly #slotsPerSlab: number;
  readonly #slabs = new Map<number, Slab>();
  /** Number of the slab from which slots are taken. */
  #current = 0;

  constructor(slotBytes: number) {
    this.#slotBytes = slotBytes;
    this.#slotsPerSlab = Math.ceil(leastSlabBytes / Math.max(1, slotBytes));
  }

  /** Slabs that are held now. */
  get slabs(): number {
    return this.#slabs.size;
  }

  /** Takes a slot and writes to all of it. */
  take(): number {
    if (this.#slabs.get(this.#current)?.begun === this.#slotsPerSlab) this.#current++;
    const slab = this.#slabs.get(this.#current) ?? this.#grow();
    const index = slab.begun++;
    slab.used++;
    const begin = index * this.#slotBytes;
    slab.memory.fill(1, begin, begin + this.#slotBytes);
    return this.#current * this.#slotsPerSlab + index;
  }

  /**
   * Gives a slot back.
   * @throws {RangeError} if it belongs to no slab.
   */
  giveBack(slot: number): void {
    const number = Math.floor(slot / this.#slotsPerSlab);
    const slab = this.#slabs.get(number);
    if (slab === undefined) throw new RangeError(`Cannot give back slot ${slot}: it is not taken`);
    slab.used--;
    if (slab.used > 0) return;
    this.#slabs.delete(number);
    if (number === this.#current) this.#current++;
  }

  #grow(): Slab {
    const memory = new Uint8Array(this.#slotsPerSlab * this.#slotBytes);
    const slab: Slab = { memory, begun: 0, used: 0 };
    this.#slabs.set(this.#current, slab);
    return slab;
  }
}
