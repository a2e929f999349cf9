import { headerBytes } from '../plan/messages.js';
import { dueMsOf } from '../plan/arrivals.js';

/**
 * Writes and checks the payloads of echo traffic. Each carries when it was due and its number in the whole run. The echo's
 * latency follows from that, so that nothing has to be kept per message.
 */
export class EchoPayload {
  readonly #ratePerSecond: number;
  readonly #startMs: number;
  readonly #template: Buffer;

  /**
   * `ratePerSecond` is the rate of the whole run, `startMs` is when message 0 is due.
   * @throws {RangeError} if the size, in bytes, is less than {@link headerBytes}.
   */
  constructor(ratePerSecond: number, startMs: number, sizeBytes: number) {
    if (sizeBytes < headerBytes) {
      throw new RangeError(`A payload needs ${headerBytes} bytes or more, not ${sizeBytes}`);
    }
    this.#ratePerSecond = ratePerSecond;
    this.#startMs = startMs;
    this.#template = Buffer.alloc(sizeBytes, 'tidemark ');
  }

  /** Returns when message `number` is due, in CLOCK_MONOTONIC milliseconds. */
  dueMs(number: number): number {
    return dueMsOf(number, this.#ratePerSecond, this.#startMs);
  }

  /** Returns the payload of message `number`. The buffer is the same each time: send or copy it at once. */
  write(number: number): Buffer {
    this.#template.writeDoubleLE(this.dueMs(number), 0);
    this.#template.writeDoubleLE(number, 8);
    return this.#template;
  }

  /** Returns when the message with exactly this payload was due; undefined if it is not one of ours. */
  read(payload: Buffer): number | undefined {
    if (payload.length !== this.#template.length) return undefined;
    const dueMs = payload.readDoubleLE(0);
    if (dueMs !== this.dueMs(payload.readDoubleLE(8))) return undefined;
    const isSame =
      payload.compare(this.#template, headerBytes, undefined, headerBytes, undefined) === 0;
    return isSame ? dueMs : undefined;
  }
}
