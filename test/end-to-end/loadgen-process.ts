/** Runs `tidemark loadgen` as a process, the way that users do. */
import type { ChildProcess } from 'node:child_process';
import type { ReportLine, SummaryLine } from '../../loadgen/report/report-lines.js';
import { startProgram } from './program.js';

/** What a finished run has left. */
export interface LoadgenResult {
  readonly exitStatus: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly lines: readonly ReportLine[];
  /** The last line, if it is a summary. */
  readonly summary: SummaryLine | undefined;
}

/** A run that goes on. */
export interface LoadgenRun {
  readonly child: ChildProcess;
  /** Resolves with the first line that fits; rejects if the run ends without one. */
  waitFor(fits: (line: ReportLine) => boolean): Promise<ReportLine>;
  readonly result: Promise<LoadgenResult>;
}

/** Starts `tidemark loadgen` with `--json-lines`. */
export function startLoadgen(...args: readonly string[]): LoadgenRun {
  const program = startProgram(['loadgen', '--json-lines', '--quiet', ...args]);
  return {
    child: program.child,
    result: program.exit.then((end): LoadgenResult => {
      const lines = end.lines.map(parse);
      const last = lines.at(-1);
      return { ...end, lines, summary: last?.kind === 'summary' ? last : undefined };
    }),
    waitFor: async (fits) => parse(await program.waitForLine((line) => fits(parse(line)))),
  };
}

/** Runs `tidemark loadgen` with `--json-lines` to its end. */
export function runLoadgen(...args: readonly string[]): Promise<LoadgenResult> {
  return startLoadgen(...args).result;
}

function parse(line: string): ReportLine {
  return JSON.parse(line) as ReportLine;
}
