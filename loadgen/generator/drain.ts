import type { Population } from './population.js';

/** Close handshakes begun per turn of the event loop, so that the turns stay short. */
const closesPerTick = 64;

/** Close handshakes under way at once: enough to keep the target busy, few enough not to flood it. */
const mostClosing = 512;

/** How long to wait for answers that are still under way before anything is closed, in milliseconds. */
const settleMs = 2000;

/**
 * Closes all connections of a process: waits for what is under way, says goodbye politely (1000) in batches, and
 * terminates what is left at the end.
 */
export class Drain {
  readonly #population: Population;
  readonly #settleUntilMs: number;
  readonly #endMs: number;

  /** Moments are CLOCK_MONOTONIC milliseconds; at `endMs` it gives up being polite. */
  constructor(population: Population, nowMs: number, endMs: number) {
    this.#population = population;
    this.#settleUntilMs = nowMs + Math.min(settleMs, (endMs - nowMs) / 2);
    this.#endMs = endMs;
    population.stop();
  }

  /** Does the next batch; returns true once nothing is open or pending. */
  advance(nowMs: number): boolean {
    const population = this.#population;
    const { tally, usable, closing } = population;
    if (tally.connections + tally.connections_pending === 0) return true;
    if (!population.isSettled && nowMs < this.#settleUntilMs) return false;
    population.abandonHandshakes();
    for (let begun = 0; begun < closesPerTick && closing.size < mostClosing; begun++) {
      const connection = usable.at(-1);
      if (connection === undefined) break;
      population.end(connection);
    }
    if (nowMs >= this.#endMs) this.#terminateAll();
    return false;
  }

  #terminateAll(): void {
    // Polite closes have had their time; cutting a socket off costs little, so this is one batch. Those that were not even
    // begun come last: their servers have not left anything unanswered.
    this.#population.closing.cutAll();
    for (let last = this.#population.usable.at(-1); last; last = this.#population.usable.at(-1)) {
      this.#population.end(last);
      last.terminate();
    }
  }
}
