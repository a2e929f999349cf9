/** Slots per chunk: enough to make the JS objects of a chunk nothing beside its slots. */
const slotsPerChunk = 64;

interface Chunk {
  readonly memory: Uint8Array;
  used: number;
}

/** A place in a pool. */
export interface Slot {
  readonly chunk: Chunk;
  readonly index: number;
}

/**
 * Native memory in slots of one size, outside the JS heap. A slot is written to when it is taken, so that it is
 * resident; a chunk goes back to malloc when its last slot is given back.
 */
export class SlotPool {
  readonly #slotBytes: number;
  readonly #free: Slot[] = [];
  readonly #chunks = new Set<Chunk>();

  constructor(slotBytes: number) {
    this.#slotBytes = slotBytes;
  }

  /** Chunks that are held now. */
  get chunks(): number {
    return this.#chunks.size;
  }

  take(): Slot {
    const slot = this.#free.pop() ?? this.#grow();
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

  /** Gives chunks without a used slot back to malloc. */
  shrink(): void {
    for (const chunk of this.#chunks) if (chunk.used === 0) this.#chunks.delete(chunk);
    const kept = this.#free.filter(({ chunk }) => this.#chunks.has(chunk));
    this.#free.length = 0;
    this.#free.push(...kept);
  }

  #grow(): Slot {
    const memory = new Uint8Array(slotsPerChunk * this.#slotBytes);
    const chunk: Chunk = { memory, used: 0 };
    this.#chunks.add(chunk);
    for (let index = slotsPerChunk - 1; index > 0; index--) this.#free.push({ chunk, index });
    return { chunk, index: 0 };
  }
}
