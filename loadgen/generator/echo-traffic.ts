import type { Connection } from '../connection/connection.js';
import type { EchoPayload } from './echo-payload.js';
import { itemOf, type Slot } from '../plan/shares.js';

/**
 * Sends messages on schedule, in turn over the usable connections. A message that is due while no connection is
 * usable is left out: it can't be late, as there is nobody to be kept waiting.
 */
export class EchoTraffic {
  readonly #payload: EchoPayload;
  readonly #slot: Slot;
  /** A deflated payload is read after `send()` has returned, so it can't be the shared buffer. */
  readonly #isCopyNeeded: boolean;
  /** Messages of this process's share that are sent or left out. */
  #taken = 0;
  #turn = 0;

  constructor(payload: EchoPayload, slot: Slot, isDeflateOffered: boolean) {
    this.#payload = payload;
    this.#slot = slot;
    this.#isCopyNeeded = isDeflateOffered;
  }

  /** Sends what is due by now and returns how many messages that were. */
  send(nowMs: number, usable: readonly Connection[]): number {
    let sent = 0;
    for (;;) {
      const number = itemOf(this.#slot, this.#taken);
      if (this.#payload.dueMs(number) > nowMs) return sent;
      this.#taken++;
      this.#turn = this.#turn + 1 < usable.length ? this.#turn + 1 : 0;
      const connection = usable[this.#turn];
      if (connection?.state !== 'open') continue;
      const payload = this.#payload.write(number);
      connection.awaitedEchoes++;
      connection.send(this.#isCopyNeeded ? Buffer.from(payload) : payload, true);
      sent++;
    }
  }

  /** Returns when the message was due whose echo this is; undefined if it is none. */
  read(data: Buffer): number | undefined {
    return this.#payload.read(data);
  }
}
