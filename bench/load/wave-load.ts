import { resolve } from 'node:path';
import { readProcessSpace } from '../../machine/process-space.js';
import type { LoadCounts } from '../../loadgen/report/counts.js';
import type { PhaseLine, ReportLine, SummaryLine } from '../../loadgen/report/report-lines.js';
import { clientArguments, hasSilentEnds } from '../../loadgen/plan/client-plan.js';
import { mergeSummaries } from '../../loadgen/shards/merge-summaries.js';
import { RunError } from '../../program/failure.js';
import { capitalize } from '../../program/quantities.js';
import type { GreetingExpectation } from '../../loadgen/plan/greeting.js';
import type { BenchOptions } from '../options/bench-options.js';
import { type GeneratorRun, localGenerator, type StartGenerator } from './generator-run.js';
import { ShardLines } from './shard-lines.js';

/** The load of one wave: a fresh generator each time, so that waves don't share its memory, or one for each shard. */
export interface WaveLoad {
  /** Processes of the generators that run where they can be looked at, coordinators first. */
  readonly pids: () => readonly number[];
  /** Latest counts; undefined before the first. */
  readonly counts: () => LoadCounts | undefined;
  /** Latest counts, once a generator has died: see {@link ShardLines.lastCounts}. */
  readonly lastCounts: () => LoadCounts | undefined;
  /** When {@link counts} were taken, see {@link ShardLines.countedBetween}. */
  readonly countedBetween: () => ReturnType<ShardLines['countedBetween']>;
  /** When a generator that is at work was last heard of, see {@link ShardLines.heardMs}. */
  readonly heardMs: () => number | undefined;
  /** Worst event-loop delay since the last call, in milliseconds; undefined if nothing came since. */
  readonly takeLagMs: () => number | undefined;
  /**
   * Settles with the summary when the wave is over.
   * Rejects with a {@link RunError} if a generator died or could not do its work.
   */
  readonly finished: Promise<SummaryLine>;
  /** Makes it close its connections and end. */
  readonly stop: () => Promise<void>;
  /** Ends it at once, as far as it is here. */
  readonly kill: () => void;
}

/** Receives what the generators of a wave report, as if they were one. */
export interface WaveListener {
  /** Its ramp, hold or drain begins. */
  readonly phase: (phase: PhaseLine['phase']) => void;
  /** There are new counts. */
  readonly counts: (counts: LoadCounts) => void;
}

/** How often the generator reports. Shorter than the sampling interval, so that a row's counts are fresh. */
const reportIntervalMs = 200;

/** The generator bounds its own drain, by 10 s and 0.5 ms per connection; this is a little more. */
const stopGraceBaseMs = 45_000;
const stopGraceMsPerConnection = 0.5;

/** Connections of silent clients stay until the bench ends them; this is for a bench that no longer can. */
const longestLingerMs = 24 * 3_600_000;

/** Time for several generators to get ready, so that they begin together. */
const startLeadMs = 2000;

/**
 * Starts the load of one wave: on the generators that wait, shared among them, or on one that is started here.
 * Several addresses are filled one after the other.
 * @throws {RunError} if a generator can't be started.
 */
export async function startWaveLoad(
  urls: readonly string[],
  options: BenchOptions,
  wave: number,
  generators: readonly StartGenerator[],
  listener: WaveListener,
): Promise<WaveLoad> {
  const graceMs = stopGraceBaseMs + options.connections * stopGraceMsPerConnection;
  const starters = generators.length === 0 ? [localGenerator(graceMs)] : generators;
  const lines = new ShardLines(starters.length, listener.phase);
  const lingers = hasSilentEnds(options);
  const summarized = starters.map(() => new Gate());
  const runs = await startAll(
    starters,
    (index) => shardArguments(urls, options, index, starters.length),
    (index, line) => {
      lines.take(index, line);
      if (lines.counts !== undefined) listener.counts(lines.counts);
      if (line.kind === 'summary' && lingers) summarized[index]?.open();
    },
  );
  const processSpace = readProcessSpace();
  return {
    pids: () => lines.pidsIn(processSpace),
    counts: () => lines.counts,
    lastCounts: () => lines.lastCounts,
    countedBetween: () => lines.countedBetween(processSpace),
    heardMs: () => lines.heardMs,
    takeLagMs: () => lines.takeLagMs(),
    finished: whenFinished(runs, summarized, wave, lines),
    stop: async () => {
      await Promise.all(runs.map((run) => run.stop()));
    },
    kill: () => {
      for (const run of runs) run.kill();
    },
  };
}

/** Starts all generators; if one can't be started, the others are ended. */
async function startAll(
  starters: readonly StartGenerator[],
  argumentsOf: (index: number) => readonly string[],
  take: (index: number, line: ReportLine) => void,
): Promise<readonly GeneratorRun[]> {
  const startings = await Promise.allSettled(
    starters.map((start, index) =>
      start(argumentsOf(index), (line) => {
        take(index, line);
      }),
    ),
  );
  const runs = startings.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = startings.find((each) => each.status === 'rejected');
  if (failed === undefined) return runs;
  for (const run of runs) run.kill();
  throw failed.reason;
}

/** Something that happens once and can be waited for. */
class Gate {
  readonly opened: Promise<void>;
  open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

/** As soon as one generator is gone without a summary, the wave has failed: the others would go on for nothing. */
async function whenFinished(
  runs: readonly GeneratorRun[],
  summarized: readonly Gate[],
  wave: number,
  lines: ShardLines,
): Promise<SummaryLine> {
  const shards = await Promise.all(
    runs.map(async ({ name, ended }, index) => {
      const how = await Promise.race([ended, summarized[index]?.opened ?? ended]);
      const summary = lines.summaries[index];
      if (summary !== undefined) return { name, summary };
      throw new RunError(`${capitalize(name)} ${how ?? 'said nothing'} in wave ${wave}`);
    }),
  );
  return mergeSummaries(shards);
}

function shardArguments(
  urls: readonly string[],
  options: BenchOptions,
  index: number,
  count: number,
): readonly string[] {
  const { expectedGreeting, rate, connections } = options;
  return [
    ...urls,
    ...(urls.length > 1 ? ['--spread=in-turn'] : []),
    `--report-interval=${reportIntervalMs}ms`,
    `--connections=${connections}`,
    `--rate=${rate}`,
    `--hold=${options.hold}ms`,
    `--processes=${options.processes}`,
    ...(count === 1 ? [] : [`--shard=${index}/${count}`, `--start-at=${Date.now() + startLeadMs}`]),
    ...(options.sourceIps === undefined ? [] : [`--source-ips=${String(options.sourceIps)}`]),
    ...(options.deflate ? ['--deflate'] : []),
    ...clientArguments(options),
    ...(hasSilentEnds(options) ? [`--linger=${longestLingerMs}ms`] : []),
    ...(options.insecure ? ['--insecure'] : []),
    ...(options.ca === undefined ? [] : [`--ca=${resolve(options.ca)}`]),
    ...greetingArguments(expectedGreeting),
  ];
}

function greetingArguments(expected: GreetingExpectation): string[] {
  switch (expected.kind) {
    case 'any':
      return [];
    case 'none':
      return ['--no-greeting'];
    case 'text':
      return [`--greeting=${expected.text}`];
  }
}
