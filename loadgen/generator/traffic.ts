import type { Connection } from '../connection/connection.js';
import { Template } from '../connection/template.js';
import { dueMsOf } from '../plan/arrivals.js';
import type { TrafficPlan } from '../plan/conversation.js';
import { itemOf, type Slot } from '../plan/shares.js';
import { EchoPayload } from './echo-payload.js';

/** What a message is to the traffic: the answer to one that was due then, a wrong answer, or none of its business. */
export type Heard = { readonly dueMs: number } | 'wrong' | undefined;

/** How messages are made, and how their answers are recognised. */
interface Messages {
  /** Returns when message `number` is due, in CLOCK_MONOTONIC milliseconds. */
  dueMs(number: number): number;
  send(connection: Connection, number: number): void;
  hear(connection: Connection, data: Buffer, isBinary: boolean): Heard;
  /** The connection is gone. */
  forget(connection: Connection): void;
}

/**
 * Sends messages on schedule, in turn over the usable connections, and recognises their answers. A message that is due while
 * no connection is usable is left out: it can't be late, as nobody is kept waiting.
 */
export class Traffic {
  readonly isAnswered: boolean;
  readonly #messages: Messages;
  readonly #slot: Slot;
  /** Messages of this process's share that are sent or left out. */
  #taken = 0;
  #turn = 0;

  /** `startMs` is when message 0 of the whole run is due. */
  constructor(plan: TrafficPlan, slot: Slot, startMs: number, isDeflateOffered: boolean) {
    const { message, expectation } = plan;
    this.isAnswered = expectation !== 'none';
    this.#messages =
      expectation === 'echo' && typeof message === 'number'
        ? new SelfTimedEchoes(plan.ratePerSecond, startMs, message, isDeflateOffered)
        : new QueuedMessages(plan, startMs);
    this.#slot = slot;
  }

  /** Sends what is due by now and returns how many messages that were. */
  send(
    nowMs: number,
    usable: readonly Connection[],
    isReady: (connection: Connection) => boolean,
  ): number {
    let sent = 0;
    for (;;) {
      const number = itemOf(this.#slot, this.#taken);
      if (this.#messages.dueMs(number) > nowMs) return sent;
      this.#taken++;
      this.#turn = this.#turn + 1 < usable.length ? this.#turn + 1 : 0;
      const connection = usable[this.#turn];
      if (connection?.state !== 'open' || !isReady(connection)) continue;
      if (this.isAnswered) connection.awaitedAnswers++;
      this.#messages.send(connection, number);
      sent++;
    }
  }

  hear(connection: Connection, data: Buffer, isBinary: boolean): Heard {
    return connection.awaitedAnswers > 0
      ? this.#messages.hear(connection, data, isBinary)
      : undefined;
  }

  forget(connection: Connection): void {
    this.#messages.forget(connection);
  }
}

/** Binary messages that carry when they were due, so that nothing has to be kept for their echoes. */
class SelfTimedEchoes implements Messages {
  readonly #payload: EchoPayload;
  /** A deflated payload is read after `send()` has returned, so it can't be the shared buffer. */
  readonly #isCopyNeeded: boolean;

  constructor(ratePerSecond: number, startMs: number, sizeBytes: number, isCopyNeeded: boolean) {
    this.#payload = new EchoPayload(ratePerSecond, startMs, sizeBytes);
    this.#isCopyNeeded = isCopyNeeded;
  }

  dueMs(number: number): number {
    return this.#payload.dueMs(number);
  }

  send(connection: Connection, number: number): void {
    const payload = this.#payload.write(number);
    connection.send(this.#isCopyNeeded ? Buffer.from(payload) : payload, true);
  }

  hear(_connection: Connection, data: Buffer, isBinary: boolean): Heard {
    if (!isBinary) return undefined;
    const dueMs = this.#payload.read(data);
    return dueMs === undefined ? 'wrong' : { dueMs };
  }

  forget(): void {
    // Nothing is kept.
  }
}

interface Awaited {
  readonly dueMs: number;
  readonly data: Buffer;
}

/** Messages that the user wrote, or that any answer will do for: those of one connection are answered in order. */
class QueuedMessages implements Messages {
  readonly #plan: TrafficPlan;
  readonly #startMs: number;
  readonly #template: Template | undefined;
  readonly #binary: Buffer;
  readonly #awaited = new Map<Connection, Awaited[]>();

  constructor(plan: TrafficPlan, startMs: number) {
    const { message } = plan;
    this.#plan = plan;
    this.#startMs = startMs;
    this.#template = typeof message === 'string' ? new Template(message) : undefined;
    this.#binary = Buffer.alloc(typeof message === 'number' ? message : 0, 'tidemark ');
  }

  dueMs(number: number): number {
    return dueMsOf(number, this.#plan.ratePerSecond, this.#startMs);
  }

  send(connection: Connection, number: number): void {
    const text = this.#template?.render(connection.index);
    const data = text === undefined ? this.#binary : Buffer.from(text);
    connection.send(data, text === undefined);
    if (this.#plan.expectation === 'none') return;
    const awaited = { dueMs: this.dueMs(number), data };
    const queue = this.#awaited.get(connection);
    if (queue === undefined) this.#awaited.set(connection, [awaited]);
    else queue.push(awaited);
  }

  hear(connection: Connection, data: Buffer, isBinary: boolean): Heard {
    const queue = this.#awaited.get(connection) ?? [];
    const [oldest] = queue;
    if (oldest === undefined) return undefined;
    if (this.#plan.expectation === 'echo') {
      // A different text may be one that the server pushed.
      const isSameKind = isBinary === (this.#template === undefined);
      if (!isSameKind || !data.equals(oldest.data)) return undefined;
    }
    queue.shift();
    return oldest;
  }

  forget(connection: Connection): void {
    this.#awaited.delete(connection);
  }
}
