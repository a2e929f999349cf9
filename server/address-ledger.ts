/**
 * Counts the connections of each remote address over all workers, and admits no more of one than its limit. It is kept by the
 * supervisor, as the kernel spreads the connections of an address over the workers by chance. An address without a connection takes
 * no memory.
 * @template Worker what stands for a worker
 */
export class AddressLedger<Worker> {
  readonly #most: number;
  readonly #connections = new Map<string, number>();
  readonly #ofWorkers = new Map<Worker, Map<string, number>>();

  /** @param most connections of one address */
  constructor(most: number) {
    this.#most = most;
  }

  /** Admits a connection and counts it, or returns false if its address has as many as it may. */
  admit(worker: Worker, address: string): boolean {
    if ((this.#connections.get(address) ?? 0) >= this.#most) return false;
    const ofWorker = this.#ofWorkers.get(worker) ?? new Map<string, number>();
    this.#ofWorkers.set(worker, ofWorker);
    change(this.#connections, address, 1);
    change(ofWorker, address, 1);
    return true;
  }

  /** Takes note that a connection is gone that was admitted. */
  leave(worker: Worker, address: string): void {
    const ofWorker = this.#ofWorkers.get(worker);
    if (ofWorker?.has(address) !== true) return;
    change(this.#connections, address, -1);
    change(ofWorker, address, -1);
  }

  /** Takes note that a worker is gone, and its connections with it. */
  forget(worker: Worker): void {
    for (const [address, count] of this.#ofWorkers.get(worker) ?? []) {
      change(this.#connections, address, -count);
    }
    this.#ofWorkers.delete(worker);
  }
}

function change(counts: Map<string, number>, address: string, by: number): void {
  const count = (counts.get(address) ?? 0) + by;
  if (count === 0) counts.delete(address);
  else counts.set(address, count);
}
