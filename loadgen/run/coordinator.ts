import { RunError } from '../../program/failure.js';
import { monotonicMs } from '../generator/clock.js';
import { isReplacing } from '../plan/behaviour.js';
import { addCounts, type LoadCounts } from '../report/counts.js';
import { readProcessSpace } from '../../machine/process-space.js';
import { GeneratorProcess, type ProcessListener } from './generator-process.js';
import type { Load } from '../plan/load.js';
import { ReportMerger, type TickReport } from './merge-reports.js';
import type { ProcessReport } from '../plan/messages.js';
import { isDeserted, isHopeless } from '../report/hopeless.js';
import {
  reportVersion,
  type PhaseLine,
  type ReportLine,
  type SummaryLine,
} from '../report/report-lines.js';
import { summarize, type RunEnd } from './summary.js';

/** Time between the start signal and the first due connection, so that every process has it in time. */
const startLeadMs = 20;

/** Time for closing connections: a base, and what a slow target may take for each. */
const drainBaseMs = 10_000;
const drainMsPerConnection = 0.5;

/** How long after the drain's limit a process that does not respond is ended by force. */
const unresponsiveMs = 30_000;

type Phase = 'starting' | PhaseLine['phase'];

/** Runs the processes of one load through ramp, hold and drain, and merges what they report. */
export class Coordinator implements ProcessListener {
  readonly #load: Load;
  readonly #print: (line: ReportLine) => void;
  readonly #processes: GeneratorProcess[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  /** Indices of processes that were held back and may go. */
  readonly #released = new Set<number>();
  #phase: Phase = 'starting';
  #startMs = 0;
  #startedAtMs = 0;
  #isRampAnnounced = false;
  #drainStartMs = 0;
  #drainEndMs = 0;
  /** Indices of processes that were told to drain. */
  readonly #draining = new Set<number>();
  #merger: ReportMerger | undefined;
  #peakConnections = 0;
  /** Connections opened when that number last rose, when that was, and how many had failed by then. */
  #opened = { total: 0, failedBefore: 0, atMs: 0 };
  /** When it was last looked whether another phase is called for. */
  #consideredMs = -Infinity;
  #end: RunEnd = { outcome: 'completed' };
  #beforeDrain: readonly (ProcessReport | undefined)[] = [];
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  /** `print` gets every line but the summary. */
  constructor(load: Load, print: (line: ReportLine) => void) {
    this.#load = load;
    this.#print = print;
  }

  /**
   * Carries out the load and returns its summary; a run that failed or was interrupted has one too.
   * @throws {RunError} if the processes could not be started.
   */
  async run(): Promise<SummaryLine> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        for (const [index, assignment] of this.#load.assignments.entries()) {
          this.#processes.push(
            new GeneratorProcess(index, assignment, this.#load.options.linger > 0, this),
          );
        }
      });
      return this.#summarize();
    } finally {
      for (const timer of this.#timers) clearTimeout(timer);
      this.kill();
    }
  }

  /** Drains and ends the run early, marked as interrupted. */
  interrupt(reason: string): void {
    if (this.#phase === 'starting') this.#settle?.reject(new RunError(reason));
    else this.#beginDrain({ outcome: 'interrupted', reason });
  }

  /** Lets go of the connections of silent clients, which `--linger` has kept. */
  release(): void {
    for (const each of this.#processes) each.release();
  }

  /** Ends all processes at once. */
  kill(): void {
    for (const process of this.#processes) if (process.state.kind !== 'done') process.kill();
  }

  processReady(): void {
    const { assignments } = this.#load;
    const ready = this.#processes.filter(({ state }) => state.kind === 'ready');
    if (this.#phase === 'starting' && ready.length === assignments.length) this.#start();
  }

  processTicked(process: GeneratorProcess, report: TickReport): void {
    this.#announceRamp();
    for (const line of this.#merger?.add(process.index, report) ?? []) {
      this.#peakConnections = Math.max(this.#peakConnections, line.connections);
      this.#print(line);
    }
    // To add up the counts of 50 processes at each of their reports took a seventh of a core.
    if (monotonicMs() - this.#consideredMs >= this.#load.options.reportInterval / 2) {
      this.#consider();
    }
  }

  processProgressed(): void {
    this.#consider();
  }

  processEnded(process: GeneratorProcess): void {
    if (this.#phase === 'starting') {
      const cause = process.state.kind === 'lost' ? process.state.cause : 'no reason given';
      this.#settle?.reject(new RunError(`A generator process could not be started: ${cause}`));
      return;
    }
    for (const line of this.#merger?.end(process.index, process.tally) ?? []) this.#print(line);
    this.#consider();
    if (this.#phase === 'drain') this.#drainNext(this.#load.drainAtOnce);
    if (this.#processes.some(({ isLive }) => isLive)) return;
    this.#enter('ended', monotonicMs());
    this.#settle?.resolve();
  }

  #start(): void {
    const { startAt, duration, shard } = this.#load.options;
    const leadMs = startAt === undefined ? startLeadMs : startAt - Date.now();
    this.#startMs = monotonicMs() + Math.max(startLeadMs, leadMs);
    this.#startedAtMs = Date.now() + (this.#startMs - monotonicMs());
    this.#merger = new ReportMerger(this.#processes.length, this.#startMs);
    this.#print({
      version: reportVersion,
      kind: 'started',
      url: this.#load.url,
      shard_index: shard.index,
      shard_count: shard.count,
      started_at: new Date(this.#startedAtMs).toISOString(),
      coordinator_pid: process.pid,
      process_pids: this.#processes.map(({ pid }) => pid),
      process_space: readProcessSpace(),
    });
    this.#phase = 'ramp';
    this.#schedule(this.#startMs - monotonicMs(), () => {
      this.#announceRamp();
    });
    for (const each of this.#processes) each.send({ kind: 'start', startMs: this.#startMs });
    if (duration === undefined) return;
    this.#schedule(this.#startMs + duration - monotonicMs(), () => {
      this.#beginDrain({ outcome: 'completed' });
    });
  }

  /** Looks whether the reports so far call for another phase. */
  #consider(): void {
    if (this.#phase !== 'ramp' && this.#phase !== 'hold') return;
    this.#consideredMs = monotonicMs();
    this.#keepBusy();
    const tally = this.#tally();
    this.#peakConnections = Math.max(this.#peakConnections, tally.connections);
    const live = this.#processes.filter(({ isLive }) => isLive);
    const hasRamped = live.every(({ ramped }) => ramped !== undefined);
    if (tally.connections_opened_total > this.#opened.total) {
      this.#opened = {
        total: tally.connections_opened_total,
        failedBefore: tally.connect_errors_total,
        atMs: monotonicMs(),
      };
    }
    const sinceOpening = {
      failed: tally.connect_errors_total - this.#opened.failedBefore,
      ms: monotonicMs() - this.#opened.atMs,
      hasTriedAll: hasRamped,
      isReplacing: isReplacing(this.#load.behaviour),
    };
    if (isHopeless(tally, hasRamped)) {
      this.#beginDrain({ outcome: 'hopeless' });
    } else if (live.length > 0 && isDeserted(tally, sinceOpening)) {
      this.#beginDrain({ outcome: 'deserted' });
    } else if (hasRamped && this.#phase === 'ramp' && live.length > 0) {
      this.#beginHold();
    }
  }

  /** Lets the next of the processes that are held back begin, so that as many as planned are at work. */
  #keepBusy(): void {
    const { assignments, atOnce } = this.#load;
    const held = this.#processes.filter(
      ({ index, isLive }) =>
        isLive && assignments[index]?.isHeld === true && !this.#released.has(index),
    );
    const busy = this.#processes.filter(
      (each) => each.isLive && !each.hasBegunAll && !held.includes(each),
    );
    for (const each of held.slice(0, Math.max(0, atOnce - busy.length))) {
      this.#released.add(each.index);
      each.send({ kind: 'go' });
    }
  }

  #beginHold(): void {
    const sinceMs = monotonicMs();
    this.#enter('hold', sinceMs);
    for (const each of this.#processes) each.send({ kind: 'hold', sinceMs });
    const { hold } = this.#load.options;
    if (hold === undefined) return;
    this.#schedule(hold, () => {
      this.#beginDrain({ outcome: 'completed' });
    });
  }

  #beginDrain(end: RunEnd): void {
    if (this.#phase !== 'ramp' && this.#phase !== 'hold') return;
    this.#end = end;
    this.#beforeDrain = this.#processes.map(({ latest }) => latest);
    this.#drainStartMs = monotonicMs();
    this.#enter('drain', this.#drainStartMs);
    const limitMs = drainBaseMs + this.#load.connections * drainMsPerConnection;
    this.#drainEndMs = this.#drainStartMs + limitMs;
    for (const each of this.#processes) each.send({ kind: 'stop' });
    this.#drainNext(this.#load.drainAtOnce);
    this.#schedule(limitMs, () => {
      this.#drainNext(this.#processes.length);
    });
    this.#schedule(limitMs + unresponsiveMs, () => {
      this.kill();
    });
  }

  /** Tells more processes to drain, so that `atOnce` of them are draining. */
  #drainNext(atOnce: number): void {
    const live = this.#processes.filter(({ isLive }) => isLive);
    const busy = live.filter(({ index }) => this.#draining.has(index));
    const waiting = live.filter(({ index }) => !this.#draining.has(index));
    for (const each of waiting.slice(0, Math.max(0, atOnce - busy.length))) {
      this.#draining.add(each.index);
      each.send({ kind: 'drain', endMs: this.#drainEndMs });
    }
  }

  /** Prints once that the ramp has begun, as soon as it has: `--start-at` may be far away. */
  #announceRamp(): void {
    if (this.#isRampAnnounced || monotonicMs() < this.#startMs - 1) return;
    this.#isRampAnnounced = true;
    this.#printPhase('ramp', this.#startMs);
  }

  #enter(phase: PhaseLine['phase'], nowMs: number): void {
    this.#announceRamp();
    this.#phase = phase;
    this.#printPhase(phase, nowMs);
  }

  #printPhase(phase: PhaseLine['phase'], nowMs: number): void {
    this.#print({ kind: 'phase', phase, monotonic_ms: nowMs, counts: this.#tally() });
  }

  #schedule(delayMs: number, act: () => void): void {
    this.#timers.push(setTimeout(act, Math.max(0, delayMs)));
  }

  #tally(): LoadCounts {
    return addCounts(this.#processes.map(({ tally }) => tally));
  }

  #summarize(): SummaryLine {
    const endMs = monotonicMs();
    return summarize({
      load: this.#load,
      processes: this.#processes,
      startMs: this.#startMs,
      drainStartMs: this.#drainStartMs === 0 ? endMs : this.#drainStartMs,
      endMs,
      startedAtMs: this.#startedAtMs,
      endedAtMs: Date.now(),
      beforeDrain: this.#beforeDrain,
      peakConnections: this.#peakConnections,
      end: this.#end,
    });
  }
}
