import type { Connection } from '../connection/connection.js';
import { type Behaviour, hasRamp, isReplacing, sampleReturnMs } from '../plan/behaviour.js';
import { sampleLifetimeMs, sampleResidualMs } from '../plan/lifetimes.js';
import { DueQueue } from './due-queue.js';

/** How long a client waits on average before it tries again, in milliseconds. */
const retryMs = 1000;

/**
 * Says which connections of a process must end, because their lifetime is over or a storm has come, and when those
 * that have ended are replaced. All moments are CLOCK_MONOTONIC milliseconds.
 */
export class Churn {
  /** Whether connections that have ended are replaced. */
  readonly isReplacing: boolean;
  /** Whether all places are filled once before anything is ended. */
  readonly hasRamp: boolean;
  readonly #plan: Behaviour;
  readonly #lifetimes = new DueQueue<Connection>();
  /** When clients come back. */
  readonly #returnsMs = new DueQueue<number>();
  /** Whether lifetimes are counted. */
  #isUnderWay: boolean;
  #lastStormMs = -Infinity;
  #nextStormMs = Infinity;
  /** Connections that the storm still has to drop. */
  #dropping: Connection[] = [];

  constructor(plan: Behaviour) {
    this.#plan = plan;
    this.isReplacing = isReplacing(plan);
    this.hasRamp = hasRamp(plan);
    this.#isUnderWay = !this.hasRamp;
  }

  opened(connection: Connection, nowMs: number): void {
    const { lifetime } = this.#plan;
    if (lifetime === undefined || !this.#isUnderWay) return;
    this.#lifetimes.push(nowMs + sampleLifetimeMs(lifetime, Math.random), connection);
  }

  /** All connections of the run are open. */
  beginHold(sinceMs: number, usable: readonly Connection[]): void {
    const { lifetime, stormMs } = this.#plan;
    if (stormMs !== undefined) this.#nextStormMs = sinceMs + stormMs;
    if (lifetime === undefined || this.#isUnderWay) return;
    this.#isUnderWay = true;
    for (const connection of usable) {
      this.#lifetimes.push(sinceMs + sampleResidualMs(lifetime, Math.random), connection);
    }
  }

  /** Begins a storm, if one is due: all these connections will be dropped. */
  beginStorm(nowMs: number, usable: readonly Connection[]): void {
    const { stormMs } = this.#plan;
    if (stormMs === undefined || nowMs < this.#nextStormMs) return;
    this.#lastStormMs = this.#nextStormMs;
    this.#nextStormMs += stormMs;
    this.#dropping = [...usable];
  }

  /** Takes the next connection that a storm drops; undefined if there is none. */
  takeDropped(): Connection | undefined {
    return this.#dropping.pop();
  }

  /** Takes the next connection whose lifetime is over; undefined if there is none. */
  takeOutlived(nowMs: number): Connection | undefined {
    return this.#lifetimes.take(nowMs);
  }

  /** A connection has ended; its client comes back, but not at once after a storm. */
  ended(nowMs: number): void {
    if (!this.isReplacing) return;
    const { stormMs } = this.#plan;
    const delayMs = stormMs === undefined ? 0 : sampleReturnMs(stormMs, Math.random);
    this.#comeBack(Math.max(nowMs, this.#lastStormMs + delayMs));
  }

  /** An attempt has failed; its client tries again a while later, so that a server that is away is not flooded. */
  failed(nowMs: number): void {
    if (this.isReplacing) this.#comeBack(nowMs + retryMs * (0.5 + Math.random()));
  }

  /** Takes the next return of a client and gives its moment; undefined if none is due yet. */
  takeReturn(nowMs: number): number | undefined {
    return this.#returnsMs.take(nowMs);
  }

  #comeBack(dueMs: number): void {
    this.#returnsMs.push(dueMs, dueMs);
  }
}
