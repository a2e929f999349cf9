import { join } from 'node:path';
import { RunError } from '../../program/failure.js';
import { runExperiment } from '../experiment.js';
import type { BenchOptions } from '../options/bench-options.js';
import { noProgress } from '../terminal/progress.js';
import { createRunFolder } from '../results/run-folder.js';
import { type CellResult, readCell } from './cell-result.js';
import type { Cell } from './factors.js';

/** How the cells are run. */
export interface CellRun {
  readonly runOf: (cell: Cell, stacks: boolean) => BenchOptions;
  /** Folder that gets one folder per cell. */
  readonly folder: string;
  readonly interrupted: AbortSignal;
  readonly onCell: (result: CellResult) => void;
}

/**
 * Runs the cells one after the other, each with a fresh target and a folder of its own. A cell that fails is a result
 * like any other.
 * @throws {RunError} if the user ends it.
 */
export async function runCells(cells: readonly Cell[], run: CellRun): Promise<CellResult[]> {
  const results: CellResult[] = [];
  for (const cell of cells) {
    const result = await runCell(cell, run.runOf(cell, false), run);
    results.push(result);
    run.onCell(result);
  }
  return results;
}

/**
 * Runs the most expensive cell once more, with the stacks traced that call malloc; its figures are not those of the others.
 * @throws {RunError} if the user ends it.
 */
export async function runTraced(cell: Cell, run: CellRun): Promise<CellResult> {
  const traced = { ...cell, name: `${cell.name}_stacks` };
  const result = await runCell(traced, run.runOf(cell, true), run);
  run.onCell(result);
  return result;
}

async function runCell(
  cell: Cell,
  options: BenchOptions,
  { folder, interrupted }: CellRun,
): Promise<CellResult> {
  const runFolder = createRunFolder(join(folder, cell.name));
  try {
    const summary = await runExperiment(options, runFolder, noProgress, interrupted);
    if (summary.outcome !== 'interrupted') return readCell(cell, summary);
    throw new RunError(`${summary.reason ?? 'Interrupted'}; the cells so far are in ${folder}`);
  } finally {
    runFolder.close();
  }
}
