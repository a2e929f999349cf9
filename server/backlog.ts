/**
 * Adds up what connections have not read yet. Only those that are behind are in it, so that others cost nothing.
 * @template Connection what stands for a connection
 */
export class Backlog<Connection> {
  readonly #mostBytes: number;
  readonly #unsent = new Map<Connection, number>();
  #totalBytes = 0;

  /** @param mostBytes that all connections together may be behind */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Bytes that all connections together are behind. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /**
   * Notes how far behind a connection is now.
   * @returns whether all together are too far behind
   */
  note(connection: Connection, unsentBytes: number): boolean {
    this.#totalBytes += unsentBytes - (this.#unsent.get(connection) ?? 0);
    if (unsentBytes === 0) this.#unsent.delete(connection);
    else this.#unsent.set(connection, unsentBytes);
    return this.#totalBytes > this.#mostBytes;
  }

  /** Forgets a connection that is closed. */
  forget(connection: Connection): void {
    this.note(connection, 0);
  }
}
