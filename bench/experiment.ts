import { maskArguments } from '../program/secrets.js';
import { messageOf, RunError } from '../program/failure.js';
import { endpointOf } from '../program/endpoint.js';
import { formatCount } from '../program/quantities.js';
import { hasSilentEnds } from '../loadgen/plan/client-plan.js';
import { type AgentAsks, AgentClients } from './targets/agent/agent-clients.js';
import { allocatorEnvironment } from './targets/allocator.js';
import { killAllPrograms } from './targets/child-program.js';
import { Interruption } from './ending.js';
import { readPackage } from '../program/package.js';
import { describeEnvironment } from './results/environment.js';
import type { BenchOptions } from './options/bench-options.js';
import type { Progress } from './terminal/progress.js';
import { readProcessTree } from '../machine/procfs/read-procfs.js';
import type { Position, RunStart } from './measure/rows.js';
import type { RunFolder } from './results/run-folder.js';
import { type Sampler, startSampler } from './measure/sampler.js';
import { addStacks } from './measure/stacks/add-stacks.js';
import { reconcileCounts } from './reconcile-counts.js';
import { startWatch } from './events/start-watch.js';
import { trimTarget } from './measure/trim.js';
import { type Outcome, type RunSummary, type TrimFigures } from './results/summary.js';
import { listSites } from './verdict/site-rows.js';
import { formatCsv } from './results/csv-file.js';
import { formatHeapProfile } from './results/heap-profile.js';
import { storedSite } from './results/read-sites.js';
import { siteColumns } from './results/site-columns.js';
import { formatSpeedscope } from './results/speedscope.js';
import { summarizeRun } from './verdict/summarize-run.js';
import { nicenessAtMaxRate, type Target } from './targets/target.js';
import { describeLost } from './verdict/reliability.js';
import { isListener } from './targets/attach/find-server.js';
import { StackTracing } from './targets/stack-tracing.js';
import { startTarget } from './targets/start-target.js';
import { findGenerators } from './load/remote-generators.js';
import { describeOomKill } from './measure/memory-limit-watch.js';
import { countsOf, createState, type RunState } from './run-state.js';
import { runWaves } from './waves.js';

/** Limits of {@link samplingBytesOf}, in bytes. */
const closestSamplingBytes = 16_384;
const farthestSamplingBytes = 32_768;

/** How often it is looked, until the target listens, which control group it is in. */
const startWatchMs = 50;

/**
 * Runs the experiment: start the target, watch it idle, then ramp, hold, drain and rest as often as asked.
 * Whatever ends it, the rows taken are on disk, everything started is gone, and the summary says what happened.
 */
export async function runExperiment(
  options: BenchOptions,
  folder: RunFolder,
  progress: Progress,
  interrupted: AbortSignal,
): Promise<RunSummary> {
  const startedAt = new Date();
  const startedMs = performance.now();
  const start = { wallMs: startedAt.getTime(), atMs: startedMs, intervalMs: options.interval };
  const state = createState(options, folder, progress, interrupted, start);
  const environment = describeEnvironment();
  folder.writeJson('environment.json', environment);

  let failure: Error | undefined;
  let target: Target | undefined;
  let sampler: Sampler | undefined;
  let trim: TrimFigures | undefined;
  let endWatch: (() => void) | undefined;
  const tracing = options.stacks ? new StackTracing() : undefined;
  const agents = canHaveAgents(options)
    ? new AgentClients(asksOf(options), tracing?.environment)
    : undefined;
  try {
    target = await startTargetOf(state, agents, tracing);
    refuseUntraced(target, tracing);
    folder.writeJson('environment.json', { ...environment, target_build: target.build });
    state.memoryLimit.follow(target.rootPid);
    endWithTarget(state, target);
    state.generators = await state.ending.orEnd(findGenerators(options.generators));
    sampler = startSamplerOf(state, target, start);
    endWatch = startWatchOf(state, target);
    await runWaves(state, target, sampler);
    if (options.trim) trim = await state.ending.orEnd(trimTarget(target, state.jvmHeaps));
  } catch (error) {
    failure = withPosition(asError(error), state.position);
  }
  endWatch?.();
  const finalStats = await target?.readStats();
  state.log.explainEnds(finalStats?.lost ?? []);
  if (failure !== undefined) failure = findCause(failure, state);
  // In this order: the generator must not count the target's end as lost connections, nor the sampler miss its drain.
  const endings = [
    await ended(() => endLoad(state)),
    await ended(async () => sampler?.stop()),
    await ended(() => endTarget(target)),
    await ended(() => {
      keepTargetOutput(state);
    }),
  ];
  // Traces are whole when the target has ended.
  if (tracing !== undefined) endings.push(await ended(() => addStacks(state, tracing)));
  failure ??= endings.find((each) => each !== undefined);
  tracing?.close();
  agents?.close();
  killAllPrograms();

  const summary = summarizeRun({
    outcome: outcomeOf(failure),
    reason: failure?.message,
    startedAt: startedAt.toISOString(),
    durationSeconds: (performance.now() - startedMs) / 1000,
    commandLine: maskArguments(process.argv),
    tidemarkVersion: readPackage().version,
    target: target?.name ?? options.target.kind,
    targetFacts: target?.facts ?? {},
    targetBuild: target?.build,
    allocator: options.allocator,
    connections: options.connections,
    wavesAsked: options.waves,
    wavesWhy: state.wavesWhy,
    waveSizes: state.waveSizes,
    rateAsked: options.rate,
    workerSpread:
      target?.name !== 'uws' ? undefined : target.workerUrls === undefined ? 'even' : 'in-turn',
    rows: state.rows,
    samplesSkipped: sampler?.skipped() ?? 0,
    waves: state.finished,
    lastTold: state.lastTold,
    holds: state.holds,
    finalStats,
    floors: state.floors,
    trim,
    events: state.log.events,
    eventsLeft: state.log.left,
    oomKill: state.memoryLimit.findKill(),
  });
  state.memoryLimit.close();
  const unwritten = await ended(() => {
    folder.writeJson('summary.json', summary);
    writeSiteFiles(state, summary);
  });
  // What failed first is the reason: a disk that is full then fails the summary too.
  if (unwritten === undefined || failure !== undefined) return summary;
  return { ...summary, outcome: 'failed', reason: unwritten.message };
}

/** Writes where the memory was allocated, as far as it is known. */
function writeSiteFiles({ folder, floors, holds, finished }: RunState, summary: RunSummary): void {
  const open = summary.waves[0]?.hold_connections ?? 0;
  const sites = listSites({ floors, holds, waves: finished }, open);
  if (sites.length > 0) folder.writeText('sites.csv', formatCsv(siteColumns, sites));
  const speedscope = formatSpeedscope(sites.map(storedSite));
  if (speedscope !== undefined) folder.writeText('sites.speedscope.json', speedscope);
  const profiles = { hold: holds[0], floor: floors.at(-1)?.live };
  for (const [name, live] of Object.entries(profiles)) {
    const profile = formatHeapProfile(live);
    if (profile !== undefined) folder.writeText(`${name}.heapprofile`, profile);
  }
}

/**
 * How far apart the samples are of what a Node program allocates, in bytes; undefined if it is to take none. A run of few
 * connections needs more of them to name a line, and one of many can't afford them.
 *
 * Measured on Node 20 with `ws`, alternating runs: every 32 KiB, V8's own default, the server takes 4 % more CPU time to open
 * 8,000 connections, and less than 0.3 % more live bytes per connection; every 16 KiB it is 6 % and 0.6 to 1.1 %, every 4 KiB
 * 3 % more bytes. A sample takes some 120 B of malloc.
 */
function samplingBytesOf({ sites, connections }: BenchOptions): number | undefined {
  if (!sites) return undefined;
  return Math.min(farthestSamplingBytes, Math.max(closestSamplingBytes, 3 * connections));
}

function asksOf(options: BenchOptions): AgentAsks {
  return {
    samplingBytes: samplingBytesOf(options),
    tracesPython: options.tracemalloc,
    takesSnapshots: options.snapshots,
  };
}

/** A server that runs already is left as it is. */
function canHaveAgents({ agent, target }: BenchOptions): boolean {
  return agent && target.kind !== 'process';
}

/** @throws {RunError} if what serves the connections is not traced, though it should be. */
function refuseUntraced(target: Target, tracing: StackTracing | undefined): void {
  if (tracing === undefined) return;
  const { port } = endpointOf(target.url);
  const serving = readProcessTree([target.rootPid]).filter((pid) => isListener(pid, port));
  if (serving.some((pid) => tracing.traces(pid))) return;
  throw new RunError(
    `--stacks: heaptrack does not trace what listens at ${target.url}: that has to use the C library dynamically (Go does not), and be started by the command itself, by Node or by Python, not by another script or tool`,
  );
}

/** Starts the target. If the run ends before it is ready, it is ended as soon as it can be. */
async function startTargetOf(
  state: RunState,
  agents: AgentClients | undefined,
  tracing: StackTracing | undefined,
): Promise<Target> {
  const { options, ending } = state;
  let watching: NodeJS.Timeout | undefined;
  const starting = startTarget(options.target, {
    connections: options.connections,
    fillsInTurn: options.fillsInTurn,
    niceness: options.rate === 'max' ? nicenessAtMaxRate : 0,
    environment: allocatorEnvironment(options.allocator),
    preload: tracing?.environment ?? {},
    agents,
    output: state.targetOutput,
    onStarted: (pid) => {
      // Until it listens it may yet move to another group, or be killed in it.
      state.memoryLimit.follow(pid);
      watching = setInterval(() => {
        state.memoryLimit.follow(pid);
        state.memoryLimit.read();
      }, startWatchMs).unref();
    },
  });
  try {
    return await ending.orEnd(starting);
  } catch (error) {
    void starting.then(
      (late) => {
        late.kill();
      },
      () => undefined,
    );
    throw error;
  } finally {
    clearInterval(watching);
  }
}

/** Writes what the target has said last, if it has said anything: it may tell why it died. */
function keepTargetOutput({ folder, targetOutput }: RunState): void {
  const { text } = targetOutput;
  if (text !== '') folder.writeText('target.log', text);
}

function startSamplerOf(state: RunState, target: Target, start: RunStart): Sampler {
  const sampler = startSampler({
    start,
    target,
    jvmHeaps: state.jvmHeaps,
    memoryLimit: state.memoryLimit,
    loadgenPids: () => state.load?.pids() ?? [],
    position: () => state.position,
    counts: () => countsOf(state),
    takeLagMs: () => state.load?.takeLagMs(),
    samples: state.folder.samples,
    workers: state.folder.workers,
    reconcile: reconcileCounts(state),
    onSample: (row) => {
      state.rows.push(row);
      state.progress.sample(row);
    },
  });
  sampler.done.catch((error: unknown) => {
    state.ending.end(asError(error));
  });
  return sampler;
}

/** Looks for what nobody planned. A generator that stands still for good ends the run. */
function startWatchOf(state: RunState, target: Target): () => void {
  return startWatch({
    log: state.log,
    target,
    loadgenPids: () => state.load?.pids() ?? [],
    generatorHeardMs: () => state.load?.heardMs(),
    onSilence: (silentMs) => {
      const where = describePosition(state.position);
      const long = `${Math.round(silentMs / 1000)} s`;
      state.ending.end(
        new RunError(`The load generator has said nothing for ${long} and was ended, ${where}`),
      );
      // It would not hear that it is to end.
      state.load?.kill();
    },
  });
}

function endWithTarget(state: RunState, target: Target): void {
  void target.ended.then((how) => {
    const held = state.rows.at(-1)?.connections;
    const open = held === undefined ? '' : ` with ${formatCount(held)} connections open`;
    state.ending.end(
      new RunError(`The target died ${describePosition(state.position)}${open}: ${how}`),
    );
  });
}

/** Ends the wave that was cut short, if one was, and the connections of silent clients. What its generator counted is kept by {@link runLoad}. */
async function endLoad({ options, load, loads }: RunState): Promise<void> {
  await load?.stop();
  // It rejects if the generator died without a summary, which has ended the run already.
  await load?.finished.catch(() => undefined);
  if (hasSilentEnds(options)) await Promise.all(loads.map((each) => each.stop()));
}

async function endTarget(target: Target | undefined): Promise<void> {
  const complaint = await target?.stop();
  if (complaint !== undefined)
    throw new RunError(`The target did not shut down cleanly: ${complaint}`);
}

/** Runs a step of the ending and returns what went wrong, so that the next step runs in any case. */
async function ended(step: () => Promise<void> | void): Promise<Error | undefined> {
  try {
    await step();
    return undefined;
  } catch (error) {
    return asError(error);
  }
}

function outcomeOf(failure: Error | undefined): Outcome {
  if (failure === undefined) return 'completed';
  return failure instanceof Interruption ? 'interrupted' : 'failed';
}

/** Says when a user interrupted the run; another failure says itself what happened. */
function withPosition(failure: Error, position: Position): Error {
  if (!(failure instanceof Interruption)) return failure;
  return new Interruption(`${failure.message} ${describePosition(position)}`);
}

/**
 * Returns what ended the run: that the target was killed because memory ran out, or that its workers died, whatever has shown it
 * first, its end or connections that broke; else the failure.
 */
function findCause(failure: Error, state: RunState): Error {
  if (failure instanceof Interruption) return failure;
  const kill = state.memoryLimit.findKill();
  if (kill === undefined) {
    const died = describeLost(state.log.events);
    return died === undefined
      ? failure
      : new RunError(`${died}. ${failure.message}`, { cause: failure });
  }
  const last = state.rows.at(-1);
  const held = { connections: last?.connections ?? 0, rssBytes: last?.rss_bytes };
  const where = describePosition(state.position);
  return new RunError(`The target was ${describeOomKill(kill, held)} (${where})`, {
    cause: failure,
  });
}

function describePosition({ wave, phase }: Position): string {
  return wave === 0 ? 'before the first wave' : `in wave ${wave}, ${phase}`;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown));
}
