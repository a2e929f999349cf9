/**
 * More than the 32 MiB to which glibc raises its threshold for mappings of their own (M_MMAP_THRESHOLD, mallopt(3)):
 * smaller chunks would move into the brk heap when the first ones were freed, and leave holes there.
 */
const chunkBytes = 33 * 1024 * 1024;

interface Chunk {
  readonly memory: Uint8Array;
  /** Slots that were ever taken. */
  begun: number;
  /** Slots that are taken now. */
  used: number;
}

/** A place in a pool. */
export interface Slot {
  readonly chunk: Chunk;
  readonly index: number;
}

/**
 * Native memory in slots of one size, outside the JS heap, resident exactly as far as slots have been taken: they are
 * written to then. A chunk goes back to the kernel when its last slot was given back.
 */
export class SlotPool {
  readonly #slotBytes: number;
  readonly #free: Slot[] = [];
  readonly #chunks = new Set<Chunk>();
  #current: Chunk | undefined;

  /** `slotBytes` is at least 1 and at most the size of a chunk, 33 MiB. */
  constructor(slotBytes: number) {
    this.#slotBytes = slotBytes;
  }

  /** Chunks that are held now. */
  get chunks(): number {
    return this.#chunks.size;
  }

  take(): Slot {
    const slot = this.#free.pop() ?? this.#begin();
    const { chunk, index } = slot;
    chunk.used++;
    const begin = index * this.#slotBytes;
    chunk.memory.fill(1, begin, begin + this.#slotBytes);
    return slot;
  }

  giveBack(slot: Slot): void {
    slot.chunk.used--;
    this.#free.push(slot);
  }

  /** Lets chunks without a used slot go. */
  shrink(): void {
    const before = this.#chunks.size;
    for (const chunk of this.#chunks) if (chunk.used === 0) this.#chunks.delete(chunk);
    if (this.#chunks.size === before) return;
    if (this.#current?.used === 0) this.#current = undefined;
    const kept = this.#free.filter(({ chunk }) => this.#chunks.has(chunk));
    this.#free.length = 0;
    this.#free.push(...kept);
  }

  #begin(): Slot {
    const chunk = this.#current ?? this.#grow();
    const slot = { chunk, index: chunk.begun++ };
    if ((chunk.begun + 1) * this.#slotBytes > chunkBytes) this.#current = undefined;
    return slot;
  }

  #grow(): Chunk {
    const chunk = { memory: new Uint8Array(chunkBytes), begun: 0, used: 0 };
    this.#chunks.add(chunk);
    this.#current = chunk;
    return chunk;
  }
}
