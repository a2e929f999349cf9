import { readHeapRange } from './ask-jvm.js';
import type { HeapRange } from './heap-range.js';

/** Where the heaps of JVMs are. They don't move, so each JVM is asked once. */
export class JvmHeaps {
  readonly #ranges = new Map<number, Promise<HeapRange | undefined>>();

  /** Returns the addresses of the heap of a JVM; undefined if it could not be asked. */
  rangeOf(pid: number): Promise<HeapRange | undefined> {
    const known = this.#ranges.get(pid);
    if (known !== undefined) return known;
    const asked = readHeapRange(pid);
    this.#ranges.set(pid, asked);
    return asked;
  }

  /** The JVMs that have been seen. */
  get pids(): readonly number[] {
    return [...this.#ranges.keys()];
  }
}
