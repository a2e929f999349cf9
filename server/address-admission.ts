import type { FromWorker } from './messages.js';

/**
 * A worker's side of `--max-per-address`: asks the supervisor, who knows the connections of all workers, whether an address may have
 * another one. Answers come in the order of the questions.
 */
export class AddressAdmission {
  readonly #send: (message: FromWorker) => void;
  readonly #asked: ((isAdmitted: boolean) => void)[] = [];

  /** @param send sends a message to the supervisor */
  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  /** Resolves to whether the address may have another connection, which then counts until {@link leave}. */
  ask(address: string): Promise<boolean> {
    this.#send({ kind: 'admit', address });
    return new Promise((resolve) => {
      this.#asked.push(resolve);
    });
  }

  /** Takes an answer of the supervisor. */
  answer(isAdmitted: boolean): void {
    this.#asked.shift()?.(isAdmitted);
  }

  /** Tells that an admitted connection is gone, or has not come about. */
  leave(address: string): void {
    this.#send({ kind: 'left', address });
  }
}
