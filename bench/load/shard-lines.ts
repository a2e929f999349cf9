import { addCounts, countsAfterDeath, type LoadCounts } from '../../loadgen/report/counts.js';
import type {
  PhaseLine,
  ReportLine,
  StartedLine,
  SummaryLine,
} from '../../loadgen/report/report-lines.js';

/** What the lines of one generator have reported so far. */
interface Shard {
  started: StartedLine | undefined;
  counts: LoadCounts | undefined;
  lagMs: number | undefined;
  phase: PhaseLine['phase'] | undefined;
  summary: SummaryLine | undefined;
  /** When its last line came, by `performance.now()`. */
  heardMs: number;
  /** Its counts are no older, and no newer, than these, by the clock of its machine, in milliseconds. */
  oldestMs: number;
  newestMs: number;
}

const phaseOrder = ['ramp', 'hold', 'drain', 'ended'] as const;

/**
 * Follows the lines of all generators of one wave as if there were only one. The ramp begins when the first of them ramps,
 * the hold when all hold, and the drain when the first one drains, because from then on not all connections are open. The
 * wave is over when all of them are done.
 */
export class ShardLines {
  readonly #shards: readonly Shard[];
  readonly #onPhase: (phase: PhaseLine['phase']) => void;
  #phase = -1;

  constructor(shards: number, onPhase: (phase: PhaseLine['phase']) => void) {
    this.#onPhase = onPhase;
    this.#shards = Array.from({ length: shards }, () => ({
      started: undefined,
      counts: undefined,
      lagMs: undefined,
      phase: undefined,
      summary: undefined,
      heardMs: 0,
      oldestMs: 0,
      newestMs: 0,
    }));
  }

  /** Takes a line of the generator with this index. */
  take(index: number, line: ReportLine): void {
    const shard = this.#shards[index];
    if (shard === undefined) return;
    shard.heardMs = performance.now();
    switch (line.kind) {
      case 'started':
        shard.started = line;
        break;
      case 'phase':
        shard.counts = laterOf(shard.counts, line.counts);
        shard.phase = line.phase;
        shard.newestMs = Math.max(shard.newestMs, line.monotonic_ms);
        this.#advance();
        break;
      case 'progress':
        shard.counts = laterOf(shard.counts, line);
        shard.newestMs = Math.max(shard.newestMs, line.monotonic_ms);
        shard.oldestMs = Math.max(shard.oldestMs, line.oldest_monotonic_ms);
        shard.lagMs = Math.max(shard.lagMs ?? 0, line.lag_ms);
        break;
      case 'summary':
        shard.summary = line;
        break;
    }
  }

  /** Latest counts of all together; undefined before the first. */
  get counts(): LoadCounts | undefined {
    return this.#sum((counts) => counts);
  }

  /** Latest counts of all together, those of generators without a summary as of generators that have died; undefined if none has come. */
  get lastCounts(): LoadCounts | undefined {
    return this.#sum(countsAfterDeath);
  }

  /**
   * When {@link counts} were taken, by CLOCK_MONOTONIC in milliseconds: no earlier and no later than that. Undefined before the
   * first counts, after a summary, and for generators on other machines, which have another such clock.
   */
  countedBetween(
    processSpace: string,
  ): { readonly earliestMs: number; readonly latestMs: number } | undefined {
    const isHere = this.#shards.every(
      ({ started, summary, oldestMs }) =>
        started?.process_space === processSpace && summary === undefined && oldestMs > 0,
    );
    if (!isHere || processSpace === '') return undefined;
    return {
      earliestMs: Math.min(...this.#shards.map(({ oldestMs }) => oldestMs)),
      latestMs: Math.max(...this.#shards.map(({ newestMs }) => newestMs)),
    };
  }

  /** Process ids of the generators whose ids mean the same here, see `machine/process-space.ts`. */
  pidsIn(processSpace: string): readonly number[] {
    return this.#shards.flatMap(({ started }) =>
      started?.process_space === processSpace && processSpace !== ''
        ? [started.coordinator_pid, ...started.process_pids]
        : [],
    );
  }

  /**
   * When that generator which has been silent for longest has said something last, by `performance.now()`, of those that are at
   * work; undefined if none is.
   */
  get heardMs(): number | undefined {
    const atWork = this.#shards.filter(
      ({ started, phase, summary }) =>
        started !== undefined && phase !== 'ended' && summary === undefined,
    );
    return atWork.length === 0 ? undefined : Math.min(...atWork.map(({ heardMs }) => heardMs));
  }

  /** Returns the worst event-loop delay since the last call, in milliseconds; undefined if nothing came since. */
  takeLagMs(): number | undefined {
    const lags = this.#shards.flatMap(({ lagMs }) => lagMs ?? []);
    for (const shard of this.#shards) shard.lagMs = undefined;
    return lags.length === 0 ? undefined : Math.max(...lags);
  }

  /** Summaries by generator; undefined where none has come. */
  get summaries(): readonly (SummaryLine | undefined)[] {
    return this.#shards.map(({ summary }) => summary);
  }

  /** Adds up what all have told; `read` makes of the latest counts what they are for a generator without a summary. */
  #sum(read: (counts: LoadCounts) => LoadCounts): LoadCounts | undefined {
    const known = this.#shards.flatMap(
      ({ summary, counts }) => summary ?? (counts === undefined ? [] : read(counts)),
    );
    return known.length === 0 ? undefined : addCounts(known);
  }

  #advance(): void {
    const reached = this.#shards.map(({ phase }) =>
      phase === undefined ? -1 : phaseOrder.indexOf(phase),
    );
    const [all, any] = [Math.min(...reached), Math.max(...reached)];
    const isReached = (phase: PhaseLine['phase']): boolean => {
      const order = phaseOrder.indexOf(phase);
      return phase === 'ramp' || phase === 'drain' ? any >= order : all >= order;
    };
    for (const [order, phase] of phaseOrder.entries()) {
      if (order <= this.#phase || !isReached(phase)) continue;
      this.#phase = order;
      this.#onPhase(phase);
    }
  }
}

/** Totals only grow, so they tell which counts are later: lines may arrive in a different order than they were taken in. */
function laterOf(known: LoadCounts | undefined, next: LoadCounts): LoadCounts {
  return known !== undefined && progressOf(known) > progressOf(next) ? known : next;
}

function progressOf(counts: LoadCounts): number {
  return (
    counts.connections_opened_total +
    counts.connect_errors_total +
    counts.connections_closed_total +
    counts.messages_sent_total
  );
}
