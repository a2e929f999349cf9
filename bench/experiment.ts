import { sleepUnlessAborted } from '../program/sleep.js';
import { maskArguments } from '../program/secrets.js';
import { messageOf, RunError } from '../program/failure.js';
import { formatCount } from '../program/quantities.js';
import { hasSilentEnds } from '../loadgen/plan/client-plan.js';
import type { SummaryLine } from '../loadgen/report/report-lines.js';
import { AgentClients } from './targets/agent/agent-clients.js';
import { allocatorEnvironment } from './targets/allocator.js';
import { killAllPrograms } from './targets/child-program.js';
import { createEnding, type Ending, Interruption } from './ending.js';
import { readPackage } from '../program/package.js';
import { describeEnvironment } from './results/environment.js';
import { countInHold, type FloorFacts, type FloorSetting, waitForFloor } from './measure/floor.js';
import type { LiveMemory } from './results/live-memory.js';
import { profileUrlOf } from './measure/live/go-heap.js';
import { JvmHeaps } from './measure/jvm/jvm-heaps.js';
import type { BenchOptions } from './options/bench-options.js';
import { OutputTail } from './targets/program-output.js';
import type { Progress } from './terminal/progress.js';
import type { Position, RunStart } from './measure/rows.js';
import { addCounts, type LoadCounts } from '../loadgen/report/counts.js';
import type { RunFolder } from './results/run-folder.js';
import type { SampleRow } from './results/sample-columns.js';
import { type Sampler, startSampler } from './measure/sampler.js';
import { trimTarget } from './measure/trim.js';
import { type Outcome, type RunSummary, type TrimFigures } from './results/summary.js';
import { decideNextWave } from './verdict/next-wave.js';
import { summarizeRun } from './verdict/summarize-run.js';
import { judgeSoFar } from './verdict/verdict-fields.js';
import { type Target } from './targets/target.js';
import { startTarget } from './targets/start-target.js';
import type { StartGenerator } from './load/generator-run.js';
import { findGenerators } from './load/remote-generators.js';
import { waveSize } from './load/wave-plan.js';
import { startWaveLoad, type WaveLoad } from './load/wave-load.js';
import { describeOomKill, MemoryLimitWatch } from './measure/memory-limit-watch.js';

/**
 * At `--rate max` generator and target compete for the cores. A target that gives way works in batches instead of being
 * woken for every handshake: 400,000 connections to 21 workers on 2 cores opened 30 % faster (4 alternating pairs).
 */
const nicenessAtMaxRate = 10;

/** What is held is counted after this share of a hold. */
const countAfterShare = 0.7;

/** How often it is looked, until the target listens, which control group it is in. */
const startWatchMs = 50;

/** What a run knows at any moment, and leaves behind when it ends. */
interface RunState {
  readonly options: BenchOptions;
  readonly folder: RunFolder;
  readonly progress: Progress;
  readonly ending: Ending;
  readonly rows: SampleRow[];
  /** Summaries of the generator, one per wave that has ended. */
  readonly finished: SummaryLine[];
  /** What was found at the baseline and after each wave. */
  readonly floors: FloorFacts[];
  /** What the target was counted to hold in each hold; undefined where the hold was too short for it. */
  readonly holds: (LiveMemory | undefined)[];
  /** Connections that each wave was to open which has begun. */
  readonly waveSizes: number[];
  wavesWhy: string | undefined;
  readonly jvmHeaps: JvmHeaps;
  position: Position;
  load: WaveLoad | undefined;
  /** Loads of all waves so far: their generators may keep the connections of silent clients. */
  readonly loads: WaveLoad[];
  /** Generators that wait elsewhere; none if one is started for each wave. */
  generators: readonly StartGenerator[];
  readonly memoryLimit: MemoryLimitWatch;
  /** What the target writes for people; it stays in the folder of the run. */
  readonly targetOutput: OutputTail;
}

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
  const state = createState(options, folder, progress, interrupted);
  const startedAt = new Date();
  const startedMs = performance.now();
  const environment = describeEnvironment();
  folder.writeJson('environment.json', environment);

  let failure: Error | undefined;
  let target: Target | undefined;
  let sampler: Sampler | undefined;
  let trim: TrimFigures | undefined;
  let finalStats: Awaited<ReturnType<Target['readStats']>>;
  const agents = canHaveAgents(options) ? new AgentClients() : undefined;
  try {
    target = await startTargetOf(state, agents);
    folder.writeJson('environment.json', { ...environment, target_build: target.build });
    state.memoryLimit.follow(target.rootPid);
    endWithTarget(state, target);
    state.generators = await state.ending.orEnd(findGenerators(options.generators));
    sampler = startSamplerOf(state, target, {
      wallMs: startedAt.getTime(),
      atMs: startedMs,
      intervalMs: options.interval,
    });
    await runWaves(state, target, sampler);
    if (options.trim) trim = await state.ending.orEnd(trimTarget(target, state.jvmHeaps));
    finalStats = await target.readStats();
  } catch (error) {
    failure = findCause(withPosition(asError(error), state.position), state);
  }
  // In this order: the generator must not count the target's end as lost connections, nor the sampler miss its drain.
  const endings = [
    await ended(() => endLoad(state)),
    await ended(async () => sampler?.stop()),
    await ended(() => endTarget(target)),
    await ended(() => {
      keepTargetOutput(state);
    }),
  ];
  failure ??= endings.find((each) => each !== undefined);
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
    rows: state.rows,
    samplesSkipped: sampler?.skipped() ?? 0,
    waves: state.finished,
    holds: state.holds,
    finalStats,
    floors: state.floors,
    trim,
    oomKill: state.memoryLimit.findKill(),
  });
  state.memoryLimit.close();
  folder.writeJson('summary.json', summary);
  return summary;
}

async function runWaves(state: RunState, target: Target, sampler: Sampler): Promise<void> {
  const { options, ending, jvmHeaps } = state;
  const setting: FloorSetting = {
    target,
    sampler,
    jvmHeaps,
    goProfileUrl: goProfileUrlOf(options, target),
    intervalMs: options.interval,
    rows: state.rows,
  };
  state.floors.push(await ending.orEnd(waitForFloor(setting, options.baseline)));
  const begunMs = performance.now();
  let waveBegunMs = begunMs;
  for (let wave = 1; ; wave++) {
    const nowMs = performance.now();
    const next = decideNextWave({
      waves: options.waves,
      wavesDone: wave - 1,
      elapsedMs: nowMs - begunMs,
      lastWaveMs: nowMs - waveBegunMs,
      maxTimeMs: options.maxTime,
      judge: () => judgeSoFar({ ...state, waves: state.finished }),
    });
    if (!next.goesOn) {
      state.wavesWhy = next.why;
      return;
    }
    waveBegunMs = nowMs;
    const connections = waveSize(options.waves, options.connections, wave);
    state.waveSizes.push(connections);
    state.progress.wave({ wave, connections, why: next.why });
    await ending.orEnd(runLoad(state, setting, wave, connections));
    state.position = { wave, phase: 'rest' };
    state.progress.phase(state.position);
    state.floors.push(await ending.orEnd(waitForFloor(setting, options.rest)));
  }
}

/** A Go program that others use is asked only where the user says so. */
function goProfileUrlOf({ pprofUrl }: BenchOptions, target: Target): string | undefined {
  if (pprofUrl !== undefined) return pprofUrl;
  return target.isShared ? undefined : profileUrlOf(target.url);
}

/** One wave up to its drain. The generator says when its ramp, hold and drain begin. */
async function runLoad(
  state: RunState,
  setting: FloorSetting,
  wave: number,
  connections: number,
): Promise<void> {
  const { options, generators } = state;
  let counting: Promise<LiveMemory | undefined> | undefined;
  const over = new AbortController();
  state.load = await startWaveLoad(
    setting.target.url,
    { ...options, connections },
    wave,
    generators,
    {
      phase: (phase) => {
        if (phase === 'ended') return;
        state.position = { wave, phase };
        state.progress.phase(state.position);
        if (phase === 'hold') counting = countLate(state, setting, over.signal);
      },
      counts: (counts) => {
        state.progress.counts(wave, counts);
      },
    },
  );
  state.loads.push(state.load);
  const summary = await state.load.finished.finally(() => {
    state.load = undefined;
    over.abort();
  });
  state.finished.push(summary);
  state.holds.push(await counting);
  if (summary.outcome !== 'completed') {
    throw new RunError(`Wave ${wave} was not completed: ${summary.reason ?? summary.outcome}`);
  }
}

/**
 * Counts what is held late in a hold, so that most of its rows show the target as it is by itself, garbage included. Undefined
 * if the hold was over before the counting was.
 */
async function countLate(
  state: RunState,
  setting: FloorSetting,
  over: AbortSignal,
): Promise<LiveMemory | undefined> {
  const { position } = state;
  await sleepUnlessAborted(countAfterShare * state.options.hold, over);
  const isHeld = (): boolean => state.position === position && !over.aborted;
  const live = isHeld() ? await countInHold(setting) : undefined;
  return isHeld() ? live : undefined;
}

/** A server that runs already is left as it is. */
function canHaveAgents({ agent, target }: BenchOptions): boolean {
  return agent && target.kind !== 'process';
}

/** Starts the target. If the run ends before it is ready, it is ended as soon as it can be. */
async function startTargetOf(state: RunState, agents: AgentClients | undefined): Promise<Target> {
  const { options, ending } = state;
  let watching: NodeJS.Timeout | undefined;
  const starting = startTarget(options.target, {
    connections: options.connections,
    niceness: options.rate === 'max' ? nicenessAtMaxRate : 0,
    environment: allocatorEnvironment(options.allocator),
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

function createState(
  options: BenchOptions,
  folder: RunFolder,
  progress: Progress,
  interrupted: AbortSignal,
): RunState {
  return {
    options,
    folder,
    progress,
    ending: createEnding(interrupted),
    rows: [],
    finished: [],
    floors: [],
    holds: [],
    waveSizes: [],
    wavesWhy: undefined,
    jvmHeaps: new JvmHeaps(),
    position: { wave: 0, phase: 'baseline' },
    load: undefined,
    loads: [],
    generators: [],
    memoryLimit: new MemoryLimitWatch(),
    targetOutput: new OutputTail(),
  };
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

/** Each wave has a generator of its own that counts from 0; a run counts from its beginning. */
function countsOf({ finished, load }: RunState): LoadCounts {
  const running = load?.counts();
  const sum = addCounts(running === undefined ? finished : [...finished, running]);
  return { ...sum, connections: running?.connections ?? 0 };
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
  if (complaint !== undefined) throw new RunError(`The target did not end well: ${complaint}`);
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
 * Returns what ended the run: that the target was killed because memory ran out, whatever has shown it first, its end or
 * connections that broke; else the failure.
 */
function findCause(failure: Error, state: RunState): Error {
  const kill = state.memoryLimit.findKill();
  if (kill === undefined || failure instanceof Interruption) return failure;
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
