import { addCounts, type LoadCounts, noCounts } from '../report/counts.js';
import type { FromGenerator } from '../plan/messages.js';
import type { ProgressLine } from '../report/report-lines.js';

/** A regular report, and the ticks that it is for: see {@link FromGenerator}. */
export type TickReport = Omit<Extract<FromGenerator, { kind: 'tick' }>, 'kind'>;

/** What is known of one process, for the lines. */
interface Lane {
  /** Reports that no line has used yet, oldest first. */
  readonly queue: TickReport[];
  /** Counts of the last report that a line has used. */
  merged: LoadCounts;
  /** When that was taken, in milliseconds. */
  takenAtMs: number;
  newestTick: number;
  /** The tick up to which that holds. */
  holdsUntil: number;
  isLive: boolean;
}

/**
 * Merges the reports of all processes by tick rather than by arrival: a line appears when every live process has
 * reported that tick or a later one, or said before that it would have nothing to tell, and counts each process as of that tick.
 */
export class ReportMerger {
  readonly #lanes: readonly Lane[];
  readonly #startMs: number;
  #mergedTick = 0;

  constructor(processes: number, startMs: number) {
    this.#startMs = startMs;
    this.#lanes = Array.from({ length: processes }, () => ({
      queue: [],
      merged: noCounts(),
      takenAtMs: startMs,
      newestTick: 0,
      holdsUntil: 0,
      isLive: true,
    }));
  }

  /** Takes a process's regular report and returns the lines that it completes. */
  add(process: number, report: TickReport): ProgressLine[] {
    const lane = this.#lanes[process];
    if (!lane?.isLive) return [];
    lane.queue.push(report);
    lane.newestTick = report.tick;
    lane.holdsUntil = report.holdsUntil;
    return this.#completeLines();
  }

  /** Notes that a process has ended with these counts, and returns the lines that waited for it alone. */
  end(process: number, last: LoadCounts): ProgressLine[] {
    const lane = this.#lanes[process];
    if (!lane?.isLive) return [];
    lane.isLive = false;
    lane.queue.length = 0;
    lane.merged = last;
    return this.#completeLines();
  }

  #completeLines(): ProgressLine[] {
    const live = this.#lanes.filter(({ isLive }) => isLive);
    const complete =
      live.length === 0
        ? 0
        : Math.min(
            ...live.map(({ holdsUntil }) => holdsUntil),
            // Counts that hold for longer than anybody has told are no line yet.
            Math.max(...live.map(({ newestTick }) => newestTick)),
          );
    const lines: ProgressLine[] = [];
    while (this.#mergedTick < complete) {
      this.#mergedTick++;
      const line = this.#mergeTick(this.#mergedTick);
      if (line !== undefined) lines.push(line);
    }
    return lines;
  }

  /** Undefined if no process has reported anything for this tick: all were late, and a later one has the counts. */
  #mergeTick(tick: number): ProgressLine | undefined {
    let takenAtMs = 0;
    let lagMs = 0;
    for (const lane of this.#lanes) {
      for (let next = lane.queue[0]; next && next.tick <= tick; next = lane.queue[0]) {
        lane.queue.shift();
        lane.merged = next.report.tally;
        lane.takenAtMs = next.report.takenAtMs;
        takenAtMs = Math.max(takenAtMs, next.report.takenAtMs);
        lagMs = Math.max(lagMs, next.report.worstLagMs);
      }
    }
    if (takenAtMs === 0) return undefined;
    // The counts of a process that has ended don't get old.
    const live = this.#lanes.filter(({ isLive }) => isLive);
    return {
      kind: 'progress',
      monotonic_ms: takenAtMs,
      oldest_monotonic_ms: Math.min(takenAtMs, ...live.map((lane) => lane.takenAtMs)),
      elapsed_s: (takenAtMs - this.#startMs) / 1000,
      lag_ms: lagMs,
      ...addCounts(this.#lanes.map(({ merged }) => merged)),
    };
  }
}
