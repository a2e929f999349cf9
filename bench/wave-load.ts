import { RunError } from '../options/failure.js';
import type { LoadCounts, PhaseLine, ReportLine, SummaryLine } from '../loadgen/report-lines.js';
import { type ChildProgram, describeEnd, startProgram } from './child-program.js';
import type { BenchOptions, ExpectedGreeting } from './options.js';
import { tidemarkProgram } from './tidemark-program.js';

/** The load generator in one wave: a fresh program each time, so that waves don't share its memory. */
export interface WaveLoad {
  /** Processes of the generator, its coordinator first. */
  readonly pids: () => readonly number[];
  /** Latest counts; undefined before the first. */
  readonly counts: () => LoadCounts | undefined;
  /** Worst event-loop delay since the last call, in milliseconds; undefined if nothing came since. */
  readonly takeLagMs: () => number | undefined;
  /**
   * Settles with the summary when the wave is over.
   * Rejects with a {@link RunError} if the generator died or could not do its work.
   */
  readonly finished: Promise<SummaryLine>;
  /** Has it close what it has open and end. */
  readonly stop: () => Promise<void>;
  readonly kill: () => void;
}

/** How often the generator reports. Shorter than the sampling interval, so that a row's counts are fresh. */
const reportIntervalMs = 200;

/** The generator bounds its own drain, by 10 s and 0.5 ms per connection; this is a little more. */
const stopGraceBaseMs = 45_000;
const stopGraceMsPerConnection = 0.5;

/** Starts the load generator for one wave. `onPhase` hears when its ramp, hold and drain begin. */
export async function startWaveLoad(
  url: string,
  options: BenchOptions,
  wave: number,
  onPhase: (phase: PhaseLine['phase']) => void,
): Promise<WaveLoad> {
  let pids: readonly number[] = [];
  let counts: LoadCounts | undefined;
  let lagMs: number | undefined;
  let summary: SummaryLine | undefined;

  const program = await startProgram({
    name: 'load generator',
    command: process.execPath,
    args: [tidemarkProgram, 'loadgen', url, ...loadArguments(options)],
    hasChannel: true,
    onLine: (text) => {
      const line = JSON.parse(text) as ReportLine;
      switch (line.kind) {
        case 'started':
          pids = [line.coordinator_pid, ...line.process_pids];
          break;
        case 'phase':
          counts = laterOf(counts, line.counts);
          onPhase(line.phase);
          break;
        case 'progress':
          counts = laterOf(counts, line);
          lagMs = Math.max(lagMs ?? 0, line.lag_ms);
          break;
        case 'summary':
          summary = line;
          break;
      }
    },
  });

  return {
    pids: () => pids,
    counts: () => summary ?? counts,
    takeLagMs: () => {
      const taken = lagMs;
      lagMs = undefined;
      return taken;
    },
    finished: whenFinished(program, wave, () => summary),
    stop: async () => {
      await program.stop(stopGraceBaseMs + options.connections * stopGraceMsPerConnection);
    },
    kill: program.kill,
  };
}

/** Totals only grow, so they tell which counts are the later ones: lines may come in another order than taken. */
function laterOf(known: LoadCounts | undefined, next: LoadCounts): LoadCounts {
  return known !== undefined && progressOf(known) > progressOf(next) ? known : next;
}

function progressOf(counts: LoadCounts): number {
  return (
    counts.connections_opened_total +
    counts.connections_failed_total +
    counts.connections_closed_total +
    counts.messages_sent_total
  );
}

async function whenFinished(
  program: ChildProgram,
  wave: number,
  summary: () => SummaryLine | undefined,
): Promise<SummaryLine> {
  const end = await program.ended;
  const last = summary();
  if (last === undefined) {
    throw new RunError(
      `The load generator (pid ${program.pid}) ${describeEnd(end)} in wave ${wave}`,
    );
  }
  return last;
}

function loadArguments(options: BenchOptions): string[] {
  const { expectedGreeting, rate, connections, messageRate } = options;
  return [
    '--json-lines',
    '--quiet',
    `--report-interval=${reportIntervalMs}ms`,
    `--connections=${connections}`,
    `--rate=${rate}`,
    `--hold=${options.hold}ms`,
    `--processes=${options.processes}`,
    ...(options.sourceIps === undefined ? [] : [`--source-ips=${options.sourceIps}`]),
    ...(options.deflate ? ['--deflate'] : []),
    ...(messageRate === undefined
      ? []
      : [`--message-rate=${messageRate}`, `--payload-size=${options.payloadSize}`]),
    ...greetingArguments(expectedGreeting),
  ];
}

function greetingArguments(expected: ExpectedGreeting): string[] {
  switch (expected.kind) {
    case 'any':
      return [];
    case 'none':
      return ['--no-greeting'];
    case 'text':
      return [`--greeting=${expected.text}`];
  }
}
