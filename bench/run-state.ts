import { addCounts, type LoadCounts } from '../loadgen/report/counts.js';
import type { SummaryLine } from '../loadgen/report/report-lines.js';
import { EventLog } from './events/event-log.js';
import { createEnding, type Ending } from './ending.js';
import type { StartGenerator } from './load/generator-run.js';
import type { WaveLoad } from './load/wave-load.js';
import { JvmHeaps } from './measure/jvm/jvm-heaps.js';
import type { FloorFacts } from './measure/floor.js';
import { MemoryLimitWatch } from './measure/memory-limit-watch.js';
import type { Position, RunStart } from './measure/rows.js';
import type { BenchOptions } from './options/bench-options.js';
import type { LiveMemory } from './results/live-memory.js';
import type { RunFolder } from './results/run-folder.js';
import type { LastTold } from './verdict/run-record.js';
import type { SampleRow } from './results/sample-columns.js';
import { OutputTail } from './targets/program-output.js';
import type { Progress } from './terminal/progress.js';

/** What a run knows at any moment, and leaves behind when it ends. */
export interface RunState {
  readonly options: BenchOptions;
  readonly folder: RunFolder;
  readonly progress: Progress;
  readonly ending: Ending;
  readonly rows: SampleRow[];
  /** Summaries of the generator, one per wave that has ended. */
  readonly finished: SummaryLine[];
  /** What the generator of a wave told last that died; undefined if none has. */
  lastTold: LastTold | undefined;
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
  /** What happened that was not planned. */
  readonly log: EventLog;
  /** What the target writes for people; it stays in the folder of the run. */
  readonly targetOutput: OutputTail;
}

/** What is known before anything has begun. */
export function createState(
  options: BenchOptions,
  folder: RunFolder,
  progress: Progress,
  interrupted: AbortSignal,
  start: RunStart,
): RunState {
  const state: RunState = {
    options,
    folder,
    progress,
    ending: createEnding(interrupted),
    rows: [],
    finished: [],
    lastTold: undefined,
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
    log: new EventLog(start, () => state.position),
    targetOutput: new OutputTail(),
  };
  return state;
}

/** Each wave has a generator of its own that counts from 0; a run counts from its beginning. */
export function countsOf({ finished, lastTold, load }: RunState): LoadCounts {
  const running = load?.counts() ?? lastTold?.counts;
  const sum = addCounts(running === undefined ? finished : [...finished, running]);
  return { ...sum, connections: running?.connections ?? 0 };
}
