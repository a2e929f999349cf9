import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { smallHeapFlags } from '../../machine/v8.js';
import {
  messagesVersion,
  type Assignment,
  type EncodedLatencies,
  type FromGenerator,
  type ProcessReport,
  type ToGenerator,
} from '../plan/messages.js';
import type { TickReport } from './merge-reports.js';
import { countsAfterDeath, type LoadCounts, noCounts } from '../report/counts.js';

/** With a smaller one, the objects of connections that are being opened are copied too often. */
const semiSpaceMebibytes = 4;

/** The state of a process of the generator. */
export type ProcessState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready' }
  /** It has sent its last report; `latencies` are its distributions. */
  | { readonly kind: 'done'; readonly latencies: EncodedLatencies }
  /** It ended before it was done; `cause` is its exit status or signal, in words. */
  | { readonly kind: 'lost'; readonly cause: string };

/** What a process tells its coordinator, besides the state that it changes by itself. */
export interface ProcessListener {
  processReady(): void;
  processTicked(process: GeneratorProcess, report: TickReport): void;
  /** It has started everything, or has ramped, or has become hopeless; its fields say which. */
  processProgressed(process: GeneratorProcess): void;
  /** Called once: it is done, or lost. */
  processEnded(process: GeneratorProcess): void;
}

/** One forked process of the generator, and its last known state. */
export class GeneratorProcess {
  readonly index: number;
  readonly pid: number;
  state: ProcessState = { kind: 'starting' };
  latest: ProcessReport | undefined;
  /** Whether it has started everything that was asked of it. */
  hasBegunAll = false;
  /** Its report when it had tried everything that was asked of it. */
  ramped: ProcessReport | undefined;
  readonly #child: ChildProcess;
  readonly #listener: ProcessListener;
  readonly #lingers: boolean;

  /** One that `lingers` stays when it is done, with the connections of silent clients, until {@link release}. */
  constructor(index: number, assignment: Assignment, lingers: boolean, listener: ProcessListener) {
    this.index = index;
    this.#lingers = lingers;
    this.#listener = listener;
    this.#child = fork(fileURLToPath(new URL('../generator/generator.js', import.meta.url)), [], {
      // Standard output belongs to the coordinator's report lines.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // JSON would turn the Infinity of an endless share into null.
      serialization: 'advanced',
      execArgv: [...process.execArgv, ...smallHeapFlags(semiSpaceMebibytes)],
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.on('message', (message: FromGenerator) => {
      this.#receive(message);
    });
    this.#child.on('error', (error) => {
      this.#lose(error.message);
    });
    this.#child.on('exit', (code, signal) => {
      this.#lose(signal ?? `exit status ${code ?? 'unknown'}`);
    });
    this.send({ kind: 'prepare', version: messagesVersion, assignment });
  }

  /** Whether it is still running and has not sent its last report. */
  get isLive(): boolean {
    return this.state.kind === 'starting' || this.state.kind === 'ready';
  }

  /** Its counts as far as they are known; those of a lost process account for what died with it. */
  get tally(): LoadCounts {
    const tally = this.latest?.tally ?? noCounts();
    return this.state.kind === 'lost' ? countsAfterDeath(tally) : tally;
  }

  send(message: ToGenerator): void {
    // A process that is already gone shows as `exit`; the failed send adds nothing.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Tells a process that is done that its last report has arrived; it then exits. */
  release(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** Ends it at once, if it has not ended. */
  kill(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
    }
  }

  #receive(message: FromGenerator): void {
    if (!this.isLive) return;
    switch (message.kind) {
      case 'ready':
        this.state = { kind: 'ready' };
        this.#listener.processReady();
        break;
      case 'tick':
        this.latest = message.report;
        this.#listener.processTicked(this, message);
        break;
      case 'begun':
        this.hasBegunAll = true;
        this.#listener.processProgressed(this);
        break;
      case 'ramped':
        this.ramped = message.report;
        this.latest = message.report;
        this.#listener.processProgressed(this);
        break;
      case 'hopeless':
        this.latest = message.report;
        this.#listener.processProgressed(this);
        break;
      case 'done':
        this.latest = message.report;
        this.state = { kind: 'done', latencies: message.latencies };
        if (!this.#lingers) this.release();
        this.#listener.processEnded(this);
        break;
    }
  }

  #lose(cause: string): void {
    if (!this.isLive) return;
    this.state = { kind: 'lost', cause };
    this.#listener.processEnded(this);
  }
}
