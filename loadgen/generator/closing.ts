import type { Connection } from '../connection/connection.js';

/** How long the server may take to answer a close, in milliseconds: what the `ws` client allows it. */
const closeTimeoutMs = 30_000;

/** Connections that we have begun to close politely and whose server has not answered yet, in the order of their closes. */
export class Closing {
  readonly #connections = new Set<Connection>();
  readonly #onUnanswered: () => void;

  /** `onUnanswered` is called for each connection that is cut because no answer has come. */
  constructor(onUnanswered: () => void) {
    this.#onUnanswered = onUnanswered;
  }

  get size(): number {
    return this.#connections.size;
  }

  begin(connection: Connection): void {
    this.#connections.add(connection);
    connection.close();
  }

  /** The connection is closed, whoever did it. */
  ended(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** Cuts those off that have waited for too long. */
  cutOverdue(nowMs: number): void {
    for (const connection of this.#connections) {
      if (nowMs - connection.closingSinceMs < closeTimeoutMs) return;
      this.#cut(connection);
    }
  }

  /** Cuts all of them off. */
  cutAll(): void {
    for (const connection of this.#connections) this.#cut(connection);
  }

  #cut(connection: Connection): void {
    this.#connections.delete(connection);
    if (connection.state === 'closed') return;
    this.#onUnanswered();
    connection.terminate();
  }
}
