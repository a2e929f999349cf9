import type { Position, RunStart } from '../measure/rows.js';
import { nameProcess, type RunEvent } from '../results/run-event.js';

/** What is said of an event besides when and where it was. */
export type EventFacts = Pick<RunEvent, 'kind' | 'text' | 'role' | 'pid'>;

/** More than anybody reads; a target that starts a process for each request has no end of them. */
const mostEvents = 200;

/** The events of a run, in the order in which they began. */
export class EventLog {
  readonly #start: Pick<RunStart, 'wallMs' | 'atMs'>;
  readonly #position: () => Position;
  readonly #events: RunEvent[] = [];
  #left = 0;

  /**
   * @param start when the run began
   * @param position where the run stands
   */
  constructor(start: Pick<RunStart, 'wallMs' | 'atMs'>, position: () => Position) {
    this.#start = start;
    this.#position = position;
  }

  /**
   * Notes an event.
   * @param facts what happened, and to whom
   * @param beganMs when it began, by `performance.now()`
   * @returns what ends it, by the same clock
   */
  begin(facts: EventFacts, beganMs: number): (endedMs: number) => void {
    if (this.#events.length >= mostEvents) {
      this.#left++;
      return () => undefined;
    }
    const { wave, phase } = this.#position();
    const elapsedMs = beganMs - this.#start.atMs;
    const event: RunEvent = {
      ...facts,
      at: new Date(this.#start.wallMs + elapsedMs).toISOString(),
      elapsed_s: elapsedMs / 1000,
      wave,
      phase,
    };
    const index = this.#events.push(event) - 1;
    return (endedMs) => {
      this.#events[index] = { ...event, duration_s: (endedMs - beganMs) / 1000 };
    };
  }

  /** Adds how processes of the target ended to the events that tell of it, such as `was killed by SIGKILL`. */
  explainEnds(lost: readonly { readonly pid: number; readonly how: string }[]): void {
    const ways = new Map(lost.map(({ pid, how }) => [pid, how]));
    for (const [index, event] of this.#events.entries()) {
      const { kind, pid = 0 } = event;
      const how = kind === 'process_ended' ? ways.get(pid) : undefined;
      if (how === undefined) continue;
      this.#events[index] = { ...event, text: `${nameProcess('target', pid)} ${how}` };
    }
  }

  /** The events so far. */
  get events(): readonly RunEvent[] {
    return [...this.#events];
  }

  /** How many more there were than are kept. */
  get left(): number {
    return this.#left;
  }
}
