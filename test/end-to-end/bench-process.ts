/** Runs `tidemark bench` as a process, and reads what it leaves. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { sampleColumns, workerColumns } from '../../bench/results/sample-columns.js';
import type { RunSummary } from '../../bench/results/summary.js';
import { findFreePort } from '../../server/free-port.js';
import { isAlive, type Program, startProgram, until } from './program.js';

/** A row of a CSV file, by column. */
export type CsvRow = Readonly<Record<string, string>>;

/** Returns a port of 127.0.0.1 that nothing listens on. */
export function freePort(): Promise<number> {
  return findFreePort('127.0.0.1', 0);
}

/** The folder of the results of a run, which may still go on. */
export interface BenchResults {
  readonly folder: string;
  /** Reads the rows of samples.csv that are on disk, and fails if one is not whole. */
  samples(): readonly CsvRow[];
  workers(): readonly CsvRow[];
  summary(): RunSummary;
}

/** A bench that runs, and the folder of its results. */
export interface BenchRun extends BenchResults {
  readonly program: Program;
}

/** A small, quick run: two waves of 200 connections with one worker. */
export const quickRun = [
  '--connections=200',
  '--rate=1000',
  '--waves=2',
  '--baseline=200ms',
  '--hold=300ms',
  '--rest=300ms',
  '--interval=100ms',
] as const;

/** The same, but it holds until it is ended. */
export const endlessHold = [...quickRun, '--hold=5m'] as const;

/** Starts `tidemark bench` with results in a folder below `parent`. */
export function startBench(parent: string, ...args: readonly string[]): BenchRun {
  const folder = join(mkdtempSync(join(parent, 'run-')), 'results');
  const program = startProgram(['bench', '--quiet', `--out=${folder}`, ...args]);
  const isRunning = (): boolean =>
    program.child.exitCode === null && program.child.signalCode === null;
  return { program, ...readResults(folder, isRunning) };
}

/** Returns what reads the results in a folder. While the run goes on, the last row may not be whole. */
export function readResults(folder: string, isRunning: () => boolean): BenchResults {
  return {
    folder,
    samples: () => readCsv(join(folder, 'samples.csv'), Object.keys(sampleColumns), isRunning()),
    workers: () => readCsv(join(folder, 'workers.csv'), Object.keys(workerColumns), isRunning()),
    summary: () => JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as RunSummary,
  };
}

/** Creates a folder for the results of a test file. */
export function createResultsFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Waits until a sample shows this phase of a wave, with all its connections if it is the hold. */
export async function untilPhase(run: BenchRun, wave: number, phase: string): Promise<void> {
  await until(() => {
    if (!existsSync(join(run.folder, 'samples.csv'))) return false;
    return run.samples().some((row) => row['wave'] === String(wave) && row['phase'] === phase);
  });
}

/** Process ids of a role in the latest sample. */
export function latestPids(run: BenchResults, role: string): number[] {
  const rows = run.workers();
  const latest = rows.at(-1)?.['timestamp'];
  return rows
    .filter((row) => row['timestamp'] === latest && row['role'] === role)
    .map((row) => Number(row['pid']));
}

/** Fails if a process that the run has measured is still there. */
export async function assertAllGone(run: BenchResults): Promise<void> {
  const pids = new Set(run.workers().map((row) => Number(row['pid'])));
  assert.ok(pids.size > 2, 'the run has measured its processes');
  await until(() => [...pids].every((pid) => !isAlive(pid)));
}

function readCsv(path: string, columns: readonly string[], isRunning: boolean): readonly CsvRow[] {
  const read = readFileSync(path, 'utf8');
  // A reader may come in the middle of a write, but what a run has left must be whole.
  const text = isRunning ? read.slice(0, read.lastIndexOf('\n') + 1) : read;
  if (isRunning && text === '') return [];
  assert.ok(text.endsWith('\n'), 'the last row is whole');
  // The parser refuses a row with more or fewer cells than the header.
  const rows: CsvRow[] = parse(text, { columns: true });
  assert.deepEqual(text.slice(0, text.indexOf('\n')).split(','), columns);
  return rows;
}
