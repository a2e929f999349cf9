import { nameProcess } from '../results/run-event.js';
import type { EventFacts, EventLog } from './event-log.js';

/** What one look finds. */
export interface View {
  /** When it was taken, by `performance.now()`, in milliseconds. */
  readonly atMs: number;
  /** The same by the clock of the machine. */
  readonly wallMs: number;
  /** CPU time that this process has used, in milliseconds. */
  readonly ownCpuMs: number;
  /** State of each process, as in proc_pid_stat(5); undefined where it can't be read. */
  readonly processes: readonly {
    readonly role: 'target' | 'loadgen';
    readonly pid: number;
    readonly state: string | undefined;
  }[];
  /** When the load generator last said something; undefined while none is at work. */
  readonly generatorHeardMs: number | undefined;
  /** Whether something listens at the target's address; undefined if that can't be seen from here. */
  readonly isListening: boolean | undefined;
}

/** A process that is late by so much was stopped: no queue for the cores is that long, in milliseconds. */
const longestLateMs = 3000;

/** A clock that is disciplined by NTP is moved by 0.5 ms a second at most (adjtimex(2)); more in one look is a step. */
const leastStepMs = 500;

/** The share of a gap that this process must have worked in for it to be busy rather than stopped. */
const busyShare = 0.25;

/** States of a process that was stopped by a signal, or by a debugger. */
const stoppedStates: ReadonlySet<string | undefined> = new Set(['T', 't']);

/**
 * Finds, from one look to the next, what nobody planned: processes that stand still, end or begin, a clock that is set, a
 * port that goes away.
 */
export class RunWatch {
  readonly #log: EventLog;
  /** What ends each event that goes on, by what it is of. */
  readonly #going = new Map<string, (endedMs: number) => void>();
  #before: View | undefined;
  #silentMs = 0;

  constructor(log: EventLog) {
    this.#log = log;
  }

  /**
   * How long the load generator has said nothing, in milliseconds; 0 while none is at work, and just after this process itself
   * stood still: what the generator said meanwhile has yet to be read.
   */
  get silentMs(): number {
    return this.#silentMs;
  }

  /** Takes a look. */
  look(view: View): void {
    this.#findGap(view);
    this.#findStopped(view);
    this.#findSilence(view);
    this.#findChanges(view);
    this.#findStep(view);
    this.#follow('port', view.isListening === false, view.atMs, {
      kind: 'port_away',
      text: 'nothing listened at the address of the target',
    });
    this.#before = view;
  }

  /** This process itself: between two looks it did nothing, far longer than between others. */
  #findGap({ atMs, ownCpuMs }: View): void {
    if (this.#before === undefined) return;
    const gapMs = atMs - this.#before.atMs;
    if (gapMs < longestLateMs || ownCpuMs - this.#before.ownCpuMs > busyShare * gapMs) return;
    const facts = { kind: 'frozen', role: 'bench', pid: process.pid } as const;
    const text = `the bench itself (process ${process.pid}) stood still, so no samples were taken`;
    this.#log.begin({ ...facts, text }, this.#before.atMs)(atMs);
  }

  #findStopped({ processes, atMs }: View): void {
    for (const { role, pid, state } of processes) {
      this.#follow(`stopped ${pid}`, stoppedStates.has(state), atMs, {
        kind: 'frozen',
        role,
        pid,
        text: `${nameProcess(role, pid)} was stopped (state ${state ?? '?'})`,
      });
    }
  }

  /** A generator that is stopped, here or elsewhere, says nothing; here its state has told it already. */
  #findSilence({ generatorHeardMs: heardMs, processes, atMs }: View): void {
    const isTold = processes.some(
      ({ role, state }) => role === 'loadgen' && stoppedStates.has(state),
    );
    const wasAsleep = this.#before !== undefined && atMs - this.#before.atMs > longestLateMs;
    this.#silentMs = heardMs === undefined || wasAsleep ? 0 : atMs - heardMs;
    this.#follow(
      'silence',
      this.#silentMs > longestLateMs && !isTold,
      heardMs ?? atMs,
      {
        kind: 'frozen',
        role: 'loadgen',
        text: 'the load generator said nothing',
      },
      atMs,
    );
  }

  #findChanges({ processes, atMs }: View): void {
    if (this.#before === undefined) return;
    const [earlier, now] = [this.#before.processes, processes].map(
      (all) => new Set(all.flatMap(({ role, pid }) => (role === 'target' ? [pid] : []))),
    );
    // Where nothing is left, the target itself has ended, which ends the run and is told as its reason.
    if (earlier === undefined || now === undefined || now.size === 0) return;
    const note = (kind: 'process_ended' | 'process_started', pid: number, what: string): void => {
      const text = `${nameProcess('target', pid)} ${what}`;
      this.#log.begin({ kind, role: 'target', pid, text }, atMs);
    };
    for (const pid of earlier) if (!now.has(pid)) note('process_ended', pid, 'ended');
    for (const pid of now) if (!earlier.has(pid)) note('process_started', pid, 'began');
  }

  #findStep({ atMs, wallMs }: View): void {
    if (this.#before === undefined) return;
    const stepMs = wallMs - this.#before.wallMs - (atMs - this.#before.atMs);
    if (Math.abs(stepMs) < leastStepMs) return;
    const far = `${(Math.abs(stepMs) / 1000).toFixed(1)} s`;
    const way = stepMs > 0 ? 'forward' : 'back';
    const text = `the clock of this machine was set ${way} by ${far}; times of the rows go by the clock at the start`;
    this.#log.begin({ kind: 'clock_step', text }, atMs);
  }

  /** Begins an event when something comes to be, and ends it when it is no more. */
  #follow(
    what: string,
    isSo: boolean,
    beganMs: number,
    facts: EventFacts,
    endedMs = beganMs,
  ): void {
    const end = this.#going.get(what);
    if (isSo && end === undefined) this.#going.set(what, this.#log.begin(facts, beganMs));
    if (isSo || end === undefined) return;
    end(endedMs);
    this.#going.delete(what);
  }
}
