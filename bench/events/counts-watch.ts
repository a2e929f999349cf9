import { findImbalances, type Expected, type LoadCounts } from '../../loadgen/report/counts.js';

/** What the load generator has counted, and when. */
export interface CountedLoad {
  /** Of the wave that is under way. */
  readonly wave: LoadCounts;
  /** Since the run began. */
  readonly total: LoadCounts;
  /** The counts are no newer than `latestMs`, and no older than `earliestMs`, by `performance.now()`. */
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** What the target has counted by itself, since the run began, and when it was asked. */
export interface CountedTarget {
  readonly openedTotal: number;
  readonly connections: number;
  /** The figures are no older than this, and no newer than `endMs`, by `performance.now()`. */
  readonly beginMs: number;
  readonly endMs: number;
}

/** A load that has not changed for so long has nothing under way any more, not even a close that the target has yet to see, in ms. */
const quietMs = 2000;

/** A target's figures that wait for counts of the generator that are newer. */
interface Waiting {
  readonly target: CountedTarget;
  /** The load when they were taken, if it had been quiet until then. */
  readonly quiet: LoadCounts | undefined;
}

/**
 * Holds the counts of the generator against each other, and against those of the target, whenever a sample is taken.
 *
 * Nothing stops the clock for that, so what both have counted is compared only as far as the order of events allows: what the
 * generator had opened before the target was asked, the target has opened; what the target had opened by then, the
 * generator had begun by any later moment. So the tolerance is what was under way in between, no more. Once nothing has changed
 * for 2 s, before and after the target was asked, both must hold the same connections, but for handshakes that the
 * generator gave up and for clients that went silent.
 */
export class CountsWatch {
  readonly #expected: Expected;
  /** Counts of the generator, oldest first; the newest that is no newer than the target's figures is needed. */
  #loads: CountedLoad[] = [];
  #waiting: Waiting[] = [];
  #unchangedSinceMs = 0;

  constructor(expected: Expected) {
    this.#expected = expected;
  }

  /**
   * Takes what both say at a sample.
   * @param load what the generator has counted; undefined if none is at work, or its counts can't be compared
   * @param target undefined if it does not count, or its counts can't be compared
   * @returns in words, what does not agree
   */
  take(load: CountedLoad | undefined, target: CountedTarget | undefined): readonly string[] {
    if (load === undefined) {
      this.#loads = [];
      this.#waiting = [];
      return [];
    }
    const last = this.#loads.at(-1);
    if (last === undefined || !isSame(last.total, load.total))
      this.#unchangedSinceMs = load.latestMs;
    const found = [
      ...findImbalances(load.wave, this.#expected),
      ...this.#findTooFew(load, target),
      ...this.#findTooMany(load),
    ];
    this.#loads = [...this.#loads.slice(-1), load];
    if (target !== undefined) {
      const isQuiet = target.beginMs - this.#unchangedSinceMs > quietMs;
      this.#waiting.push({ target, quiet: isQuiet ? load.total : undefined });
    }
    return found;
  }

  #findTooFew(load: CountedLoad, target: CountedTarget | undefined): readonly string[] {
    if (target === undefined) return [];
    const before = [...this.#loads, load].findLast(({ latestMs }) => latestMs <= target.beginMs);
    const opened = before?.total.connections_opened_total ?? 0;
    return target.openedTotal >= opened
      ? []
      : [`the target has opened ${target.openedTotal} connections, the generator ${opened}`];
  }

  #findTooMany(load: CountedLoad): readonly string[] {
    const isComparable = ({ target }: Waiting): boolean => load.earliestMs >= target.endMs;
    const found = this.#waiting.filter(isComparable).flatMap(({ target, quiet }) => {
      const { connections_attempted_total: attempted } = load.total;
      return [
        ...(target.openedTotal <= attempted
          ? []
          : [`the target has opened ${target.openedTotal} connections, of ${attempted} attempted`]),
        ...(quiet !== undefined && isSame(quiet, load.total) ? findOpen(target, quiet) : []),
      ];
    });
    this.#waiting = this.#waiting.filter((each) => !isComparable(each));
    return found;
  }
}

/** Counts that change whenever a connection begins or ends. */
function isSame(one: LoadCounts, other: LoadCounts): boolean {
  return (
    one.connections_attempted_total === other.connections_attempted_total &&
    one.connections_opened_total === other.connections_opened_total &&
    one.connections_closed_total === other.connections_closed_total &&
    one.connections_pending === other.connections_pending
  );
}

function findOpen({ connections: open }: CountedTarget, load: LoadCounts): readonly string[] {
  const { connections, connections_pending: pending, connections_silent: silent } = load;
  const most = connections + pending + silent + load.connect_errors_total;
  return open >= connections && open <= most
    ? []
    : [`the target holds ${open} connections, the generator ${connections}`];
}
