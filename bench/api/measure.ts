import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { collectOutput } from '../../program/collect-output.js';
import { environmentWithoutOptions } from '../../program/option-table.js';
import type { RunSummary, Verdict } from '../results/summary.js';
import { tidemarkProgram } from '../targets/child-program.js';
import { benchArguments, type BenchSettings } from './bench-arguments.js';

/** What to measure, and how: the options of `tidemark bench`, where `--exec` is called `command`. */
export interface MeasureOptions extends BenchSettings {
  /** Command that starts the server, for `/bin/sh`; it needs `url`. It is ended with the run. */
  readonly command?: string;
  /** `ws://` or `wss://` address of the server. */
  readonly url?: string;
  /** Connections to open in each wave; 10,000 by default. */
  readonly connections?: number;
  /** Folder for the results; by default a new one in the folder for temporary files. */
  readonly out?: string;
  /** Ends the run, and all that it has started, when it is aborted. */
  readonly signal?: AbortSignal;
}

/** What a run has found. */
export interface Measurement {
  /** What became of the memory: `released`, `retained`, `growing` or `inconclusive`. */
  readonly verdict: Verdict;
  /** Why, in words, with the figures that decided. */
  readonly reason: string;
  /** Private bytes of the server per open connection; NaN if they could not be measured, so that no bound holds of them. */
  readonly bytesPerConnection: number;
  /** The whole of summary.json. */
  readonly summary: RunSummary;
  /** Absolute path of the folder with the results: `report.html`, `samples.csv` and the others. */
  readonly folder: string;
}

/** How long an aborted run may take to end everything in order, in milliseconds, before it is told again, and ends at once. */
const graceMs = 15_000;

/** Begins the line in which a program says what ended it. */
const lastWords = /^tidemark: /m;

/**
 * Runs `tidemark bench` in a process of its own, for a test of a server: what it takes to hold a connection, and whether that
 * comes back. With its defaults that takes over a minute. If this process ends meanwhile, so do the bench and the server.
 * Variables `TIDEMARK_…` of the environment set no options here.
 * @throws {Error} if the run can't be done or is not to be trusted; its message is what the command line would say. If the signal
 * was aborted, its reason is thrown, once all that was started has ended.
 */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const { command, signal, out, ...settings } = options;
  signal?.throwIfAborted();
  const folder = resolve(out ?? mkdtempSync(join(tmpdir(), 'tidemark-')));
  const args = benchArguments({ ...settings, exec: command, out: folder, quiet: true, json: true });
  // By the channel the bench notices when this process dies.
  const child = spawn(process.execPath, [tidemarkProgram, 'bench', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: environmentWithoutOptions(),
  });
  const stopEnding = endWhenAborted(child, signal);
  try {
    const { status, stdout, stderr } = await collectOutput(child);
    signal?.throwIfAborted();
    if (status !== 0) throw new Error(explain(status, stderr));
    const summary = JSON.parse(stdout) as RunSummary;
    return {
      verdict: summary.verdict,
      reason: summary.verdict_reason,
      bytesPerConnection: summary.bytes_per_connection ?? NaN,
      summary,
      folder,
    };
  } catch (error) {
    if (out === undefined) removeIfEmpty(folder);
    throw error;
  } finally {
    stopEnding();
  }
}

/** Returns what takes the listener off the signal again, which may outlive the run. */
function endWhenAborted(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGTERM');
    timer = setTimeout(() => child.kill('SIGTERM'), graceMs);
  };
  signal?.addEventListener('abort', end, { once: true });
  return () => {
    signal?.removeEventListener('abort', end);
    clearTimeout(timer);
  };
}

/** Takes what ended the bench out of what it has written, tables and warnings before it. */
function explain(status: number | null, stderr: string): string {
  const said = stderr.split(lastWords).slice(1).at(-1)?.trim();
  if (said !== undefined && said !== '') return said;
  return `tidemark bench ended ${status === null ? 'by a signal' : `with status ${status}`}`;
}

/** A run that was refused has left nothing in it. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // ENOTEMPTY: there are results, which may tell why it failed.
  }
}
