/** Local addresses and ports that one process may use. */
export interface PortPool {
  readonly addresses: readonly string[];
  /** The ports are `firstPort`, `firstPort + portStep`, … up to `lastPort`. */
  readonly firstPort: number;
  readonly lastPort: number;
  readonly portStep: number;
}

/**
 * Deals out pairs of a local address and port in a ring, so that a pair comes back as late as possible and is never
 * dealt out twice. A pair is known by its number; choosing it ourselves spares the kernel its search of the
 * port range, which takes 2 ms a connection once a quarter of the range is in use.
 */
export class PortRing {
  readonly #pool: PortPool;
  readonly #portsPerAddress: number;
  readonly #isTaken: Uint8Array;
  #next: number;

  /** `random` returns numbers in [0, 1); it chooses where in the ring to begin. */
  constructor(pool: PortPool, random: () => number) {
    this.#pool = pool;
    this.#portsPerAddress = Math.floor((pool.lastPort - pool.firstPort) / pool.portStep) + 1;
    this.#isTaken = new Uint8Array(this.#portsPerAddress * pool.addresses.length);
    this.#next = Math.floor(random() * this.#isTaken.length);
  }

  /** Pairs in the ring. */
  get size(): number {
    return this.#isTaken.length;
  }

  /** Takes the next free pair and returns its number; undefined if all are taken. */
  take(): number | undefined {
    for (let tried = 0; tried < this.#isTaken.length; tried++) {
      const pair = this.#next;
      this.#next = pair + 1 === this.#isTaken.length ? 0 : pair + 1;
      if (this.#isTaken[pair] === 1) continue;
      this.#isTaken[pair] = 1;
      return pair;
    }
    return undefined;
  }

  /** Gives a pair back. */
  release(pair: number): void {
    this.#isTaken[pair] = 0;
  }

  /** Returns the local address of a pair. Neighbours in the ring differ in it, which spreads the load. */
  addressOf(pair: number): string {
    const { addresses } = this.#pool;
    const address = addresses[pair % addresses.length];
    if (address === undefined) throw new RangeError(`There is no pair ${pair} in this ring`);
    return address;
  }

  /** Returns the local port of a pair. */
  portOf(pair: number): number {
    const { addresses, firstPort, portStep } = this.#pool;
    return firstPort + Math.floor(pair / addresses.length) * portStep;
  }
}
