import { itemOf, type Share } from './shares.js';

/** The connections that one process is to start. */
export interface ArrivalPlan {
  /** Connections per second of the whole run. */
  readonly rate: Rate;
  /** The connections to start, among those of the whole run; without end with churn. */
  readonly share: Share;
  /** When item 0 of the whole run is due. */
  readonly startMs: number;
  /** No connection is asked for at or after this moment; Infinity if there is no end. */
  readonly endMs: number;
  /** Connections that may exist at once in this process. */
  readonly places: number;
}

/**
 * Keeps track of due connections: when each is due, and whether there is a place for it. A connection that
 * becomes due while every place is taken waits, and is due at the moment when a place becomes free.
 */
export class Arrivals {
  /** Connections that have become due and had a place. */
  askedTotal = 0;
  /** Number of the connection that was taken last, in the whole run; -1 before the first. */
  lastTaken = -1;
  #takenTotal = 0;
  readonly #plan: ArrivalPlan;
  #freePlaces: number;
  #endMs: number;
  /** Due moments of those asked for and not yet taken; the ones before `#head` are gone. */
  #dueMs: number[] = [];
  #head = 0;

  constructor(plan: ArrivalPlan) {
    this.#plan = plan;
    this.#freePlaces = plan.places;
    this.#endMs = plan.endMs;
  }

  /** Connections asked for that nobody has taken yet. */
  get unstarted(): number {
    return this.#dueMs.length - this.#head;
  }

  /** Asks for all connections that are due by now and have a place. */
  advance(nowMs: number): void {
    while (this.#freePlaces > 0 && this.#isNextDue(nowMs)) {
      this.#freePlaces--;
      this.#ask(this.#nextMs());
    }
  }

  /** Gives a place back; a connection that waited for one becomes due at this moment. */
  release(nowMs: number): void {
    if (this.#freePlaces === 0 && this.#isNextDue(nowMs)) this.#ask(nowMs);
    else this.#freePlaces++;
  }

  /** Takes the next connection that was asked for and returns when it was due; undefined if there is none. */
  take(): number | undefined {
    const dueMs = this.#dueMs[this.#head];
    if (dueMs === undefined) return undefined;
    this.#head++;
    this.lastTaken = itemOf(this.#plan.share, this.#takenTotal++);
    // Cuts off what is gone only when it is most of the array, so that the cost per connection stays constant.
    if (this.#head >= 1024 && this.#head * 2 >= this.#dueMs.length) {
      this.#dueMs = this.#dueMs.slice(this.#head);
      this.#head = 0;
    }
    return dueMs;
  }

  /** Asks for no more connections. */
  stop(): void {
    this.#endMs = -Infinity;
  }

  /** Tells whether every place has been taken once, and no connection waits to be started. */
  get hasFilledPlaces(): boolean {
    return this.askedTotal >= this.#plan.places && this.unstarted === 0;
  }

  /** Tells whether every connection has been asked for and taken. */
  isExhausted(nowMs: number): boolean {
    return (
      (this.askedTotal >= this.#plan.share.count || nowMs >= this.#endMs) && this.unstarted === 0
    );
  }

  /** Tells whether nothing is to be started before a moment that is still to come. */
  isQuietUntil(untilMs: number): boolean {
    return this.unstarted === 0 && (this.#freePlaces === 0 || !this.#isNextDue(untilMs));
  }

  #nextMs(): number {
    const { share, rate, startMs } = this.#plan;
    return dueMsOf(itemOf(share, this.askedTotal), rate, startMs);
  }

  #isNextDue(nowMs: number): boolean {
    if (this.askedTotal >= this.#plan.share.count || nowMs >= this.#endMs) return false;
    const nextMs = this.#nextMs();
    return nextMs <= nowMs && nextMs < this.#endMs;
  }

  #ask(dueMs: number): void {
    this.askedTotal++;
    this.#dueMs.push(dueMs);
  }
}

/** Items per second of the whole run, or `max`: every item is due from the start. */
export type Rate = number | 'max';

/**
 * Returns when an item is due, in the milliseconds of `startMs`: item k at start + k/rate, whatever happened to the
 * items before (an open model, so that a slow server can't slow the schedule down and hide its own delay).
 */
export function dueMsOf(item: number, rate: Rate, startMs: number): number {
  return rate === 'max' ? startMs : startMs + (item / rate) * 1000;
}
