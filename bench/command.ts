import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readMachineLimits } from '../capacity/machine-limits.js';
import { RunError } from '../options/failure.js';
import { addOptions } from '../options/option-table.js';
import { runExperiment } from './experiment.js';
import { type BenchOptions, benchOptionTable, readBenchOptions } from './options.js';
import { findObstacle } from './preflight.js';
import { createProgressLines, noProgress } from './progress.js';
import { createRunFolder, defaultRunFolder } from './run-folder.js';
import type { RunSummary } from './summary.js';
import { formatSummary } from './tables.js';

const examples = `
Examples:
  tidemark bench
      10,000 connections at 2,000/s to our own server, 4 waves
  tidemark bench --connections 400000 --rate max --waves 1 --hold 30s
      as many as fit, as fast as they come
  tidemark bench --pid 4711 --url ws://127.0.0.1:8080 --deflate
      a server that runs already, with clients that offer compression`;

/** Adds `tidemark bench`. */
export function addBenchCommand(program: Command): void {
  const command = program
    .command('bench')
    .description('Runs waves of connections against a server and records where its memory goes.')
    .addHelpText('after', examples);
  addOptions(command, benchOptionTable);
  command.action(async () => {
    await runBench(readBenchOptions(command));
  });
}

async function runBench(options: BenchOptions): Promise<void> {
  refuseTheImpossible(options);
  const people = process.stdout.isTTY && !options.json ? process.stdout : process.stderr;
  const writeLine = (line: string): void => {
    people.write(`${line}\n`);
  };
  const folder = createRunFolder(options.out ?? defaultRunFolder(new Date()));
  const progress = options.quiet ? noProgress : createProgressLines(options.waves, writeLine);
  try {
    const summary = await runExperiment(options, folder, progress);
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    writeLine(formatSummary(summary));
    writeLine(`Results: ${folder.path}`);
    throwIfFailed(summary, folder.path);
  } finally {
    folder.close();
  }
}

/**
 * Refuses a run that can't be carried through, before anything starts.
 * @throws {RunError} if the machine can't open so many connections.
 */
function refuseTheImpossible({ connections, target }: BenchOptions): void {
  const limits = { ...readMachineLimits(), systemOpenFiles: readSystemOpenFiles() };
  const obstacle = findObstacle({ connections, startsTarget: target.kind === 'uws' }, limits);
  if (obstacle !== undefined) throw new RunError(obstacle);
}

function readSystemOpenFiles(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/file-max', 'utf8'));
  } catch {
    // Not Linux: no such limit is known.
    return Infinity;
  }
}

function throwIfFailed(summary: RunSummary, folder: string): void {
  const kept = `${summary.samples} samples are kept in ${folder}`;
  if (summary.outcome !== 'completed')
    throw new RunError(`${summary.reason ?? summary.outcome}; ${kept}`);
  const restarted = summary.target_workers_restarted ?? 0;
  if (restarted > 0) {
    throw new RunError(
      `${restarted} of the target's workers died during the run and were replaced, so its memory can't be compared; ${kept}`,
    );
  }
  if (summary.discrepancies.length > 0) {
    throw new RunError(`The counts do not add up, see above; ${kept}`);
  }
}
