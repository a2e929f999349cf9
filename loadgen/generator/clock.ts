import { performance } from 'node:perf_hooks';

/** CLOCK_MONOTONIC at the moment that `performance.now()` calls 0; both read the same clock, so it never changes. */
const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/**
 * Returns CLOCK_MONOTONIC in milliseconds, with fractions: the clock that all processes of one machine share.
 * `performance.now()` alone counts from the start of its own process; `hrtime.bigint()` alone allocates on every call.
 */
export function monotonicMs(): number {
  return performance.now() + originMs;
}

/** How busy a process is: `working` if something is due, `idle` if not soon, `resting` if nothing is awaited either. */
export type Pace = 'working' | 'idle' | 'resting';

/** Time between two ticks, in milliseconds, by pace. Starting in batches costs a third less than one by one. */
export const tickMs: Readonly<Record<Pace, number>> = { working: 5, idle: 200, resting: 1000 };

/**
 * Plans the ticks of one process on a fixed grid, so that a late tick shows as lag and doesn't delay the next ones.
 * Ticks that were missed altogether are left out. All moments are CLOCK_MONOTONIC milliseconds.
 */
export class PacingClock {
  #plannedMs: number;

  /** The first tick is planned for the start. */
  constructor(startMs: number) {
    this.#plannedMs = startMs;
  }

  /** Notes that the planned tick has come and plans the next one; returns how late it was, 0 or more. */
  tick(nowMs: number, pace: Pace): number {
    const lagMs = Math.max(0, nowMs - this.#plannedMs);
    const intervalMs = tickMs[pace];
    this.#plannedMs += intervalMs * (Math.floor(lagMs / intervalMs) + 1);
    return lagMs;
  }

  /** Plans the next tick for the next moment of the busy grid, because something has come up. */
  hurry(nowMs: number): void {
    this.#plannedMs = Math.min(this.#plannedMs, nowMs + tickMs.working);
  }

  /** Returns how long to wait for the next tick, 1 or more. */
  delayMs(nowMs: number): number {
    return Math.max(1, Math.ceil(this.#plannedMs - nowMs));
  }
}
