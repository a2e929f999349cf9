import { join } from 'node:path';
import { createEnding } from '../../bench/ending.js';
import { createCsvFile, type CsvFile } from '../../bench/results/csv-file.js';
import { createOutputFolder } from '../../bench/results/run-folder.js';
import { AgentClients } from '../../bench/targets/agent/agent-clients.js';
import { killAllPrograms } from '../../bench/targets/child-program.js';
import { addCounts } from '../../loadgen/report/counts.js';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import { readProcessTree } from '../../machine/procfs/read-procfs.js';
import { messageOf, RunError } from '../../program/failure.js';
import { sleepUnlessAborted } from '../../program/sleep.js';
import { type GrowthSample } from './judge-growth.js';
import { findMiscounts } from './reconcile.js';
import { readRoleMemory, type Role, roles, samplerIntervalMs } from './roles.js';
import { soakColumns } from './soak-columns.js';
import { type LoadPlan, type SoakLoad, startSoakLoad } from './soak-load.js';
import { type RunningServer, type SoakServer, startSoakServer } from './soak-server.js';
import { type SoakSampler, startSoakSampler } from './start-sampler.js';

/** What is to be soaked, and how. */
export interface SoakPlan extends LoadPlan {
  readonly server: SoakServer;
  /** How much a leaking server leaks with each connection, in bytes. */
  readonly leakBytes: number;
  /** Samples before this are not judged. */
  readonly warmUpMs: number;
  readonly sampleIntervalMs: number;
  /** Folder for the samples; it is made, and has to be empty. */
  readonly folder: string;
}

/** What the samples of one role after the warm-up were. */
export interface RoleSeries {
  readonly private: GrowthSample[];
  readonly live: GrowthSample[];
  readonly malloc: GrowthSample[];
}

/** What a soak has found. */
export interface SoakResult {
  readonly series: ReadonlyMap<Role, RoleSeries>;
  /** The generator's last words; undefined if it has left none. */
  readonly summary: SummaryLine | undefined;
  /** What is not as it has to be, in words: counts, and why it ended before its time. */
  readonly mistakes: readonly string[];
  /** From the first connection to the end of the load. */
  readonly seconds: number;
}

/** How often a line of progress is told. */
const progressIntervalMs = 30_000;

/**
 * Puts a steady load on a server and samples the memory of all that takes part: server and its supervisor, generators,
 * coordinator, and a bench's sampler. Everything that it has started is gone when it returns, whatever ended it.
 * `interrupted` ends it in order, with what it has; `tell` gets lines of progress.
 * @throws {RunError} if the folder can't be used.
 */
export async function soak(
  plan: SoakPlan,
  interrupted: AbortSignal,
  tell: (line: string) => void,
): Promise<SoakResult> {
  const folder = createOutputFolder(plan.folder);
  const samples = createCsvFile(join(folder, 'samples.csv'), soakColumns);
  const agents = new AgentClients({
    samplingBytes: undefined,
    tracesPython: false,
    takesSnapshots: false,
  });
  const ending = createEnding(interrupted);
  const run = new SoakRun(plan, agents, samples, tell);
  const mistakes: string[] = [];
  try {
    const server = await ending.orEnd(
      startSoakServer(plan.server, plan.leakBytes, plan.connections, agents),
    );
    void server.target.ended.then((how) => {
      ending.end(new RunError(how));
    });
    const load = await ending.orEnd(startSoakLoad(server.target.url, plan, agents));
    const sampler = await ending.orEnd(
      startSoakSampler(
        {
          url: server.target.url,
          serverPid: server.target.rootPid,
          adminUrl: server.adminUrl,
          loadgenPids: load.pids(),
          intervalMs: samplerIntervalMs,
          folder: join(folder, 'bench'),
        },
        agents,
      ),
    );
    mistakes.push(...(await run.during({ server, load, sampler }, (work) => ending.orEnd(work))));
  } catch (error) {
    mistakes.push(messageOf(error));
  } finally {
    killAllPrograms();
    agents.close();
    samples.close();
  }
  return { series: run.series, summary: run.summary, seconds: run.seconds, mistakes };
}

/** All that takes part. */
interface Parties {
  readonly server: RunningServer;
  readonly load: SoakLoad;
  readonly sampler: SoakSampler;
}

type OrEnd = <Value>(work: Promise<Value>) => Promise<Value>;

/** One run, from the first connection on. */
class SoakRun {
  readonly series: ReadonlyMap<Role, RoleSeries>;
  summary: SummaryLine | undefined;
  seconds = 0;
  readonly #plan: SoakPlan;
  readonly #agents: AgentClients;
  readonly #samples: CsvFile<typeof soakColumns>;
  readonly #tell: (line: string) => void;

  constructor(
    plan: SoakPlan,
    agents: AgentClients,
    samples: CsvFile<typeof soakColumns>,
    tell: (line: string) => void,
  ) {
    // Those with a leak are single processes.
    const taking = roles.filter((role) => role !== 'supervisor' || plan.server === 'uws');
    this.series = new Map(taking.map((role) => [role, { private: [], live: [], malloc: [] }]));
    this.#plan = plan;
    this.#agents = agents;
    this.#samples = samples;
    this.#tell = tell;
  }

  /** Samples until the load ends, or the run is ended, and returns what is wrong, in words. */
  async during(parties: Parties, orEnd: OrEnd): Promise<string[]> {
    const { server, load, sampler } = parties;
    const beginMs = performance.now();
    const stopping = new AbortController();
    const sampling = this.#sampleRoles(parties, beginMs, stopping.signal);
    const mistakes: string[] = [];
    try {
      // Neither of the first two ends by itself, unless it fails.
      await orEnd(Promise.race([sampling, failAtEnd(sampler), load.ended]));
    } catch (error) {
      mistakes.push(messageOf(error));
    }
    this.seconds = (performance.now() - beginMs) / 1000;
    stopping.abort();
    // In this order: the end of the server must not count as lost connections.
    const ends = await Promise.allSettled([sampling, load.stop(), sampler.stop()]);
    for (const end of ends) if (end.status === 'rejected') mistakes.push(messageOf(end.reason));
    const summary = await load.ended;
    if (typeof summary === 'string') return [...mistakes, `the load generator ${summary}`];
    this.summary = summary;
    const totals = await server.readTotals();
    if (totals === undefined && this.#plan.server === 'uws') {
      mistakes.push('the server has not told its counts at the end');
    }
    mistakes.push(...findMiscounts(summary, totals));
    const badEnd = await server.target.stop();
    return badEnd === undefined ? mistakes : [...mistakes, badEnd];
  }

  /** Samples all roles at fixed moments until it is stopped. */
  async #sampleRoles(parties: Parties, beginMs: number, stopping: AbortSignal): Promise<void> {
    const { sampleIntervalMs, durationMs } = this.#plan;
    let toldMs = beginMs;
    for (let tick = 1; ; tick++) {
      await sleepUnlessAborted(beginMs + tick * sampleIntervalMs - performance.now(), stopping);
      const elapsedMs = performance.now() - beginMs;
      // What comes after the duration is the drain.
      if (stopping.aborted || elapsedMs >= durationMs) return sleepUntil(stopping);
      const line = await this.#sampleOnce(parties, elapsedMs);
      if (performance.now() - toldMs < progressIntervalMs) continue;
      toldMs += progressIntervalMs;
      this.#tell(line);
    }
  }

  async #sampleOnce({ server, load, sampler }: Parties, elapsedMs: number): Promise<string> {
    const { supervisorPid } = server;
    const counts = load.counts() ?? addCounts([]);
    const { connections, connections_opened_total: openedTotal } = counts;
    const told: string[] = [];
    const pidsOf: Readonly<Record<Role, readonly number[]>> = {
      server: readProcessTree([server.target.rootPid]).filter((pid) => pid !== supervisorPid),
      supervisor: supervisorPid === undefined ? [] : [supervisorPid],
      generators: load.started.process_pids,
      coordinator: [load.started.coordinator_pid],
      sampler: [sampler.pid],
    };
    for (const [role, series] of this.series) {
      const memory = await readRoleMemory(pidsOf[role], this.#agents);
      // A process has ended: that the run has, too, is noticed elsewhere.
      if (memory === undefined) continue;
      const { processes, privateBytes, liveBytes, mallocBytes } = memory;
      this.#samples.append([
        {
          elapsed_s: elapsedMs / 1000,
          role,
          processes,
          connections,
          connections_opened_total: openedTotal,
          private_bytes: privateBytes,
          malloc_bytes: mallocBytes,
          live_bytes: liveBytes,
        },
      ]);
      told.push(`${role} ${(privateBytes / 2 ** 20).toFixed(1)} MiB`);
      if (elapsedMs < this.#plan.warmUpMs) continue;
      const when = { elapsedSeconds: elapsedMs / 1000, openedTotal };
      series.private.push({ ...when, bytes: privateBytes });
      if (liveBytes !== undefined) series.live.push({ ...when, bytes: liveBytes });
      if (mallocBytes !== undefined) series.malloc.push({ ...when, bytes: mallocBytes });
    }
    const seconds = (elapsedMs / 1000).toFixed(0);
    return `${seconds} s: ${connections} open, ${openedTotal} opened, ${counts.echoes_received_total} echoes, ${counts.errors_total} errors; private: ${told.join(', ')}`;
  }
}

async function failAtEnd(sampler: SoakSampler): Promise<never> {
  throw new RunError(await sampler.ended);
}

function sleepUntil(signal: AbortSignal): Promise<void> {
  return sleepUnlessAborted(2 ** 31 - 1, signal);
}
