/** Runs `tidemark loadgen` as a process, the way that users do. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ReportLine, SummaryLine } from '../loadgen/report-lines.js';

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
  const program = fileURLToPath(new URL('../tidemark.js', import.meta.url));
  const child = spawn(process.execPath, [program, 'loadgen', '--json-lines', '--quiet', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: ReportLine[] = [];
  const waiting = new Set<() => void>();
  let hasEnded = false;
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as ReportLine);
    for (const look of waiting) look();
  });
  const result = once(child, 'close').then(([exitStatus, signal]): LoadgenResult => {
    hasEnded = true;
    for (const look of waiting) look();
    const last = lines.at(-1);
    return {
      exitStatus: exitStatus as number | null,
      signal: signal as NodeJS.Signals | null,
      stderr,
      lines,
      summary: last?.kind === 'summary' ? last : undefined,
    };
  });
  return {
    child,
    result,
    waitFor: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = lines.find(fits);
          if (line !== undefined) resolve(line);
          else if (hasEnded) reject(new Error(`The run ended without that line: ${stderr}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Runs `tidemark loadgen` with `--json-lines` to its end. */
export function runLoadgen(...args: readonly string[]): Promise<LoadgenResult> {
  return startLoadgen(...args).result;
}

/** Tells whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: there is none.
    return false;
  }
}
