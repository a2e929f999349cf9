import type { LoadCounts } from '../../loadgen/report/counts.js';
import type { ReportLine, StartedLine, SummaryLine } from '../../loadgen/report/report-lines.js';
import type { AgentClients } from '../../bench/targets/agent/agent-clients.js';
import {
  type ChildProgram,
  describeEnd,
  startProgram,
  tidemarkProgram,
} from '../../bench/targets/child-program.js';
import { RunError } from '../../program/failure.js';
import { serverOptionTable } from '../../server/options.js';

/** A load that stays the same. */
export interface LoadPlan {
  readonly connections: number;
  readonly connectionsPerSecond: number;
  readonly messagesPerSecond: number;
  readonly durationMs: number;
}

/** The load generator under way, its processes with agents. */
export interface SoakLoad {
  readonly started: StartedLine;
  /** The latest counts. */
  readonly counts: () => LoadCounts | undefined;
  readonly pids: () => readonly number[];
  /** Settles with its summary when it has ended; with how it ended, in words, if it has left none. */
  readonly ended: Promise<SummaryLine | string>;
  /** Has it close its connections and end; settles when it has. */
  readonly stop: () => Promise<void>;
  readonly kill: () => void;
}

/** Closing ten thousand connections takes seconds on a busy machine. */
const stopGraceMs = 30_000;

/** The population swings around what rate and lifetime make of it; the cap is only for a server that hangs. */
const capShare = 1.2;

/**
 * Starts the load generator.
 * @throws {RunError} if it does not start.
 */
export async function startSoakLoad(
  url: string,
  plan: LoadPlan,
  agents: AgentClients,
): Promise<SoakLoad> {
  let counts: LoadCounts | undefined;
  let summary: SummaryLine | undefined;
  let begin: (line: StartedLine) => void;
  const begun = new Promise<StartedLine>((resolve) => {
    begin = resolve;
  });
  const program: ChildProgram = await startProgram({
    name: 'load generator',
    command: process.execPath,
    args: [tidemarkProgram, 'loadgen', url, ...argumentsOf(plan), '--json-lines', '--quiet'],
    hasChannel: true,
    environment: agents.environment,
    onLine: (text) => {
      const line = JSON.parse(text) as ReportLine;
      if (line.kind === 'started') begin(line);
      else if (line.kind === 'summary') summary = line;
      else if (line.kind === 'progress') counts = line;
    },
  });
  const ended = program.ended.then((end) => summary ?? describeEnd(end));
  const started = await Promise.race([begun, ended]);
  if (typeof started === 'string' || started.kind !== 'started') {
    throw new RunError(
      `The load generator did not start: it ${typeof started === 'string' ? started : started.outcome}`,
    );
  }
  return {
    started,
    counts: () => counts,
    pids: () => [started.coordinator_pid, ...started.process_pids],
    ended,
    stop: async () => {
      await program.stop(stopGraceMs);
    },
    kill: program.kill,
  };
}

function argumentsOf(plan: LoadPlan): string[] {
  const { connections, connectionsPerSecond, messagesPerSecond, durationMs } = plan;
  // From half of the mean to half more, so that connections of all ages lie beside each other in memory.
  const meanMs = (1000 * connections) / connectionsPerSecond;
  return [
    `--connections=${Math.ceil(connections * capShare)}`,
    `--rate=${connectionsPerSecond}`,
    `--lifetime=uniform:${Math.round(meanMs / 2)}ms-${Math.round(1.5 * meanMs)}ms`,
    `--duration=${durationMs}ms`,
    `--greeting=${serverOptionTable.greeting.default ?? ''}`,
    ...(messagesPerSecond > 0 ? [`--message-rate=${messagesPerSecond}`] : []),
  ];
}
