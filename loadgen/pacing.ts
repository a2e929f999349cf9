/** Items per second of the whole run, or `max`: every item is due from the start. */
export type Rate = number | 'max';

/**
 * Returns when an item is due, in the milliseconds of `startMs`: item k at start + k/rate, whatever happened to the
 * items before (an open model, so that a slow server can't slow the schedule down and hide its own delay).
 */
export function dueMsOf(item: number, rate: Rate, startMs: number): number {
  return rate === 'max' ? startMs : startMs + (item / rate) * 1000;
}
