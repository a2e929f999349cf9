import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { smallHeapFlags } from '../machine/v8.js';
import type { AddressLedger } from './address-ledger.js';
import type { WorkerStats } from './documents.js';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.js';

/** Little of what a worker allocates lives for long: messages pass through it. */
const semiSpaceMebibytes = 1;

/** How a worker ended. */
export interface WorkerEnd {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not start, in words, if that was it. */
  readonly failure: string | undefined;
  /** Connections that were cut at the shutdown's time limit, or by the worker's death during the shutdown. */
  readonly cut: number;
}

/** How much longer than its time limit a worker's shutdown may take before the worker is killed. */
const lateShutdownMs = 2000;

/** How long to wait for the last message of a worker that has ended. */
const lateMessageMs = 1000;

const workerProgram = fileURLToPath(new URL('worker.js', import.meta.url));

/** One worker process, seen from the supervisor. */
export class WorkerProcess {
  readonly pid: number;
  /** The port of this worker alone; undefined if it has none. */
  readonly ownPort: number | undefined;
  /** Settles when it accepts connections, or has ended before. */
  readonly listening: Promise<void>;
  readonly ended: Promise<WorkerEnd>;
  readonly #child: ChildProcess;
  readonly #ledger: AddressLedger<WorkerProcess> | undefined;
  readonly #awaitingReload: ((failure: string | undefined) => void)[] = [];
  readonly #awaitingReport = new Set<() => void>();
  #stats: WorkerStats | undefined;
  /** When the worker was last heard from, by `performance.now()`. */
  #heardMs = performance.now();
  /** Whether it has been told to start. */
  #isStarted = false;
  #isListening = false;
  #failure: string | undefined;
  /** Undefined until the worker has said so itself. */
  #cut: number | undefined;
  #isShuttingDown = false;

  /**
   * @param settings that it is to have
   * @param ledger where the connections of an address are limited
   */
  constructor(settings: WorkerSettings, ledger: AddressLedger<WorkerProcess> | undefined) {
    this.ownPort = settings.ownPort;
    this.#ledger = ledger;
    this.#child = fork(workerProgram, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...process.execArgv, ...smallHeapFlags(semiSpaceMebibytes)],
    });
    this.pid = this.#child.pid ?? 0;
    this.ended = new Promise((resolve) => {
      const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
        const cut = this.#cut ?? (this.#isShuttingDown ? (this.#stats?.connections ?? 0) : 0);
        resolve({ pid: this.pid, code, signal, failure: this.#failure, cut });
      };
      // `close` follows `exit` when the channel, which may still hold the last message, has been read to its end; whatever
      // keeps it from coming must not keep the server from ending.
      this.#child.once('exit', (code, signal) => {
        const timer = setTimeout(finish, lateMessageMs, code, signal);
        this.#child.once('close', () => {
          clearTimeout(timer);
          finish(code, signal);
        });
      });
      this.#child.on('error', (error) => {
        // Without a process there will be no `exit`. Other errors are signals that did not arrive.
        if (this.#child.pid !== undefined) return;
        this.#failure = `Cannot start a worker: ${error.message}`;
        finish(null, null);
      });
    });
    this.listening = new Promise((resolve) => {
      void this.ended.then(() => {
        resolve();
        this.#settleAwaiting();
      });
      this.#child.on('message', (message: FromWorker) => {
        this.#receive(message, settings, resolve);
      });
    });
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** How long nothing has been heard from it, in milliseconds: it reports once a second, unless it is frozen or overloaded. */
  get silentMs(): number {
    return performance.now() - this.#heardMs;
  }

  /** The latest report; undefined before the first. */
  get stats(): WorkerStats | undefined {
    return this.#stats;
  }

  /**
   * Asks for a report, after a garbage collection if `collectsGarbage`; resolves to the latest one known if none comes
   * within the time limit.
   */
  async report(timeoutMs: number, collectsGarbage = false): Promise<WorkerStats | undefined> {
    if (!this.#isListening || !this.#child.connected) return this.#stats;
    this.#send({ kind: 'report', collectsGarbage });
    // No race with `ended`: that would hold on to what it was raced with for as long as the worker lives.
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#awaitingReport.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, timeoutMs);
      this.#awaitingReport.add(settle);
    });
    return this.#stats;
  }

  /**
   * Has its new connections get the certificate that is in the files now. Resolves to why that has failed; undefined if it has not, or
   * if the worker is still to start, and will read them then.
   */
  async reloadTls(timeoutMs: number): Promise<string | undefined> {
    if (!this.#isStarted || !this.#child.connected) return undefined;
    this.#send({ kind: 'reload-tls' });
    return new Promise((resolve) => {
      const failure = `worker ${this.pid} has not taken up the certificate yet: it does not answer`;
      const timer = setTimeout(resolve, timeoutMs, failure);
      // It stays when time is up: answers come in the order of the requests.
      this.#awaitingReload.push((told) => {
        clearTimeout(timer);
        resolve(told);
      });
    });
  }

  /** Makes it close all connections and end; kills it if it does not. */
  shutDown(timeoutMs: number): void {
    this.#isShuttingDown = true;
    this.#send({ kind: 'shutdown', timeoutMs });
    const timer = setTimeout(() => {
      this.kill();
    }, timeoutMs + lateShutdownMs);
    void this.ended.then(() => {
      clearTimeout(timer);
    });
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #receive(message: FromWorker, settings: WorkerSettings, resolveListening: () => void): void {
    this.#heardMs = performance.now();
    switch (message.kind) {
      case 'ready':
        if (this.#isShuttingDown) break;
        this.#isStarted = true;
        this.#send({ kind: 'start', settings });
        break;
      case 'listening':
        this.#isListening = true;
        resolveListening();
        break;
      case 'failed':
        this.#failure = message.message;
        this.kill();
        break;
      case 'admit':
        this.#send({
          kind: 'admission',
          isAdmitted: this.#ledger?.admit(this, message.address) ?? true,
        });
        break;
      case 'left':
        this.#ledger?.leave(this, message.address);
        break;
      case 'tls-reloaded':
        this.#awaitingReload.shift()?.(message.failure);
        break;
      case 'report':
        this.#takeStats(message.stats);
        break;
      case 'ended':
        this.#cut = message.cut;
        this.#takeStats(message.stats);
        break;
    }
  }

  #takeStats(stats: WorkerStats): void {
    this.#stats = stats;
    for (const settle of this.#awaitingReport) settle();
  }

  /** No answers come from a worker that has ended. */
  #settleAwaiting(): void {
    for (const settle of this.#awaitingReport) settle();
    for (const settle of this.#awaitingReload.splice(0)) settle(undefined);
  }

  #send(message: ToWorker): void {
    // Between a worker's death and the news of it, the channel closes or breaks: `ended` says so soon enough.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}
