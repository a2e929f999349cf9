import type { Connection } from '../connection/connection.js';
import { type Behaviour, isSlow } from '../plan/behaviour.js';
import { DueQueue } from './due-queue.js';

/**
 * Slows down the clients that read slowly: after each read a connection waits until its pace allows the next one. What
 * the server sends meanwhile fills the buffers of the kernel, and then those of the server.
 */
export class SlowReaders {
  readonly #behaviour: Behaviour;
  readonly #resumptions = new DueQueue<Connection>();

  constructor(behaviour: Behaviour) {
    this.#behaviour = behaviour;
  }

  /** The connection is ready: it has received everything that comes first. */
  ready(connection: Connection): void {
    const { pace } = this.#behaviour;
    if (pace === undefined || !isSlow(this.#behaviour, connection.index)) return;
    connection.readSlowly(pace.kind === 'paused');
  }

  /** A slowly reading connection has read something, and does not go on by itself. */
  hasRead(connection: Connection, bytes: number, nowMs: number): void {
    const { pace } = this.#behaviour;
    if (pace?.kind !== 'slow') return;
    this.#resumptions.push(nowMs + (bytes / pace.bytesPerSecond) * 1000, connection);
  }

  /** Lets those whose time has come read on. */
  advance(nowMs: number): void {
    for (;;) {
      const connection = this.#resumptions.take(nowMs);
      if (connection === undefined) return;
      connection.readOn();
    }
  }

  /** Tells whether none of them reads on before a moment that is still to come. */
  isQuietUntil(untilMs: number): boolean {
    return this.#resumptions.nextMs > untilMs;
  }
}
