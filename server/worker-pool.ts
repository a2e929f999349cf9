import { originOf } from '../program/endpoint.js';
import { RunError } from '../program/failure.js';
import { formatDuration } from '../program/quantities.js';
import { AddressLedger } from './address-ledger.js';
import { addServerCounts, closeCounts, noCounts } from './counts.js';
import {
  type ServerCounts,
  serverDocumentVersion,
  type StatsDocument,
  type TlsReloadCounts,
  type LostWorker,
} from './documents.js';
import type { SharedSettings } from './messages.js';
import { collectGarbage, readProcessMemory } from '../machine/v8.js';
import { type WorkerEnd, WorkerProcess } from './worker-process.js';

/** Longest wait for a worker's fresh figures; after that, the ones from a second before must do. */
const reportTimeoutMs = 1000;

/** Longest wait for a worker's collection, which takes a second or so per gigabyte of heap. */
const collectionTimeoutMs = 30_000;

/** Longest wait for a worker to take up a certificate, which takes some milliseconds. */
const reloadTimeoutMs = 10_000;

/** A worker that is silent for longer is frozen, or too busy to serve anybody: it should report once a second. */
const longestSilenceMs = 3000;

/** How long to wait until a worker is started that could not be, in milliseconds. */
const retryMs = 2000;

/** As many lost workers are remembered: a server whose workers die all the time would fill its memory with them. */
const mostLostWorkers = 20;

/** If this many workers in a row die without ever having listened, none will. */
const mostFailedStarts = 5;

/** The workers of a server: started, replaced when they die, counted, and ended. */
export class WorkerPool {
  /** Rejects with a {@link RunError} when workers keep dying before they listen. */
  readonly broken: Promise<never>;
  readonly #workers = new Set<WorkerProcess>();
  readonly #startedMs = performance.now();
  readonly #size: number;
  /** The ports of single workers; empty if they have none. */
  readonly #ownPorts: readonly number[];
  readonly #settings: SharedSettings;
  readonly #ledger: AddressLedger<WorkerProcess> | undefined;
  /** Counts of the workers that have died. */
  #lost: ServerCounts = noCounts;
  #restartedTotal = 0;
  readonly #lostWorkers: LostWorker[] = [];
  #failedStarts = 0;
  /** Whether all workers have served at once. */
  #hasStarted = false;
  #isEnding = false;
  #collecting: Promise<void> | undefined;
  #break: (error: RunError) => void = () => undefined;

  /**
   * @param size how many workers there are
   * @param settings that all have
   * @param ownPorts one for each worker, or none
   */
  constructor(size: number, settings: SharedSettings, ownPorts: readonly number[]) {
    this.#size = size;
    this.#ownPorts = ownPorts;
    this.#settings = settings;
    if (settings.maxPerAddress !== undefined) {
      this.#ledger = new AddressLedger(settings.maxPerAddress);
    }
    this.broken = new Promise((_, reject) => {
      this.#break = reject;
    });
    // When it rejects, nothing may be waiting for it; whatever waits later gets the same error.
    this.broken.catch(() => undefined);
  }

  /**
   * Starts all workers and resolves when each accepts connections.
   * @throws {RunError} if they can't start.
   */
  async start(): Promise<void> {
    const workers = Array.from({ length: this.#size }, () => this.#add());
    await Promise.race([Promise.all(workers.map((worker) => worker.listening)), this.broken]);
    // A worker that died before it listened is replaced, but a server that starts like that can't be trusted.
    this.#hasStarted = this.isHealthy;
    if (this.#hasStarted) return;
    throw new RunError('The server did not start: a worker died before it listened');
  }

  get pids(): number[] {
    return [...this.#workers].map((worker) => worker.pid);
  }

  /** The address that all workers share. */
  get url(): string {
    return this.#urlAt(this.#settings.port);
  }

  /** The addresses that lead to one worker each, in the order of {@link pids}; empty if there are none. */
  get urls(): string[] {
    return [...this.#workers].flatMap(({ ownPort }) =>
      ownPort === undefined ? [] : [this.#urlAt(ownPort)],
    );
  }

  /** True when as many workers as planned accept connections, and all report. */
  get isHealthy(): boolean {
    return this.findTrouble() === undefined;
  }

  /** Says in words why not all workers serve; undefined if they do. */
  findTrouble(): string | undefined {
    const listening = [...this.#workers].filter((worker) => worker.isListening);
    if (this.#isEnding || listening.length < this.#size)
      return 'not all workers accept connections';
    const silent = listening.filter((worker) => worker.silentMs > longestSilenceMs);
    if (silent.length === 0) return undefined;
    return silent
      .map(
        ({ pid, silentMs }) =>
          `worker ${pid} has not reported for ${formatDuration(Math.round(silentMs / 1000) * 1000)}`,
      )
      .join('; ');
  }

  /** Returns the document of `/stats`, all that the workers tell, with figures that each took just now. */
  async stats(): Promise<Omit<StatsDocument, keyof TlsReloadCounts>> {
    await Promise.all([...this.#workers].map((worker) => worker.report(reportTimeoutMs)));
    // Only now: a worker that died meanwhile is among the lost, and must not be counted twice.
    const workers = [...this.#workers].flatMap(({ stats, silentMs, ownPort }) => {
      if (stats === undefined) return [];
      const own = ownPort === undefined ? {} : { url: this.#urlAt(ownPort) };
      return [{ ...stats, report_age_s: silentMs / 1000, ...own }];
    });
    return {
      version: serverDocumentVersion,
      uptime_s: (performance.now() - this.#startedMs) / 1000,
      ...addServerCounts([this.#lost, ...workers]),
      supervisor: { pid: process.pid, memory: readProcessMemory() },
      workers,
      workers_restarted_total: this.#restartedTotal,
      workers_lost: [...this.#lostWorkers],
    };
  }

  /**
   * Makes the supervisor and each worker collect their garbage, one after another, so that no more than one is held up
   * at a time. A caller that asks meanwhile gets the same collection: collecting over and over would hold up the connections.
   */
  collectGarbage(): Promise<void> {
    this.#collecting ??= this.#collectAll().finally(() => {
      this.#collecting = undefined;
    });
    return this.#collecting;
  }

  async #collectAll(): Promise<void> {
    await collectGarbage();
    for (const worker of this.#workers) await worker.report(collectionTimeoutMs, true);
  }

  /**
   * Has the new connections of all workers get the certificate that is in the files now.
   * @throws {RunError} if a worker can't use it.
   */
  async reloadTls(): Promise<void> {
    const workers = [...this.#workers];
    const failures = await Promise.all(workers.map((worker) => worker.reloadTls(reloadTimeoutMs)));
    const [failure] = failures.filter((each) => each !== undefined);
    if (failure !== undefined) throw new RunError(failure);
  }

  /** Ends all workers in order, and returns how many connections had to be cut. */
  async shutDown(timeoutMs: number): Promise<number> {
    this.#isEnding = true;
    const ends = [...this.#workers].map((worker) => {
      worker.shutDown(timeoutMs);
      return worker.ended;
    });
    return (await Promise.all(ends)).reduce((sum, end) => sum + end.cut, 0);
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#isEnding = true;
    for (const worker of this.#workers) worker.kill();
  }

  #add(): WorkerProcess {
    // A worker that is replaced has left its port.
    const taken = new Set([...this.#workers].map((each) => each.ownPort));
    const ownPort = this.#ownPorts.find((port) => !taken.has(port));
    const worker = new WorkerProcess({ ...this.#settings, ownPort }, this.#ledger);
    this.#workers.add(worker);
    void worker.ended.then((end) => {
      this.#remove(worker, end);
    });
    return worker;
  }

  #urlAt(port: number): string {
    const { host, tls } = this.#settings;
    return originOf(tls === undefined ? 'ws' : 'wss', { host, port });
  }

  #remove(worker: WorkerProcess, end: WorkerEnd): void {
    this.#workers.delete(worker);
    this.#ledger?.forget(worker);
    this.#lost = addServerCounts([this.#lost, closeCounts(worker.stats ?? noCounts)]);
    if (this.#isEnding) return;
    this.#failedStarts = worker.isListening ? 0 : this.#failedStarts + 1;
    const othersServe = [...this.#workers].some(({ isListening }) => isListening);
    if (end.failure !== undefined && othersServe && this.#hasStarted) {
      this.#addLater(end.failure);
      return;
    }
    if (end.failure !== undefined || this.#failedStarts >= mostFailedStarts) {
      this.#break(startFailure(end));
      return;
    }
    this.#restartedTotal++;
    this.#noteLost(end);
    process.stderr.write(`tidemark: worker ${describeEnd(end)} and is replaced\n`);
    this.#add();
  }

  #noteLost({ pid, code, signal }: WorkerEnd): void {
    this.#lostWorkers.push({ pid, at: new Date().toISOString(), signal, status: code });
    if (this.#lostWorkers.length > mostLostWorkers) this.#lostWorkers.shift();
  }

  /** What keeps a new worker from starting, such as a certificate that is being replaced, must not end the connections of the others. */
  #addLater(failure: string): void {
    process.stderr.write(
      `tidemark: ${failure}; a worker is missing until that is mended, tried again in ${formatDuration(retryMs)}\n`,
    );
    setTimeout(() => {
      if (!this.#isEnding) this.#add();
    }, retryMs).unref();
  }
}

function startFailure(end: WorkerEnd): RunError {
  return new RunError(end.failure ?? `The server can't start: worker ${describeEnd(end)}`);
}

function describeEnd({ pid, code, signal }: WorkerEnd): string {
  return signal === null
    ? `${pid} ended with status ${code ?? 0}`
    : `${pid} was killed by ${signal}`;
}
