import { renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf, RunError } from '../../program/failure.js';
import { composeReport } from './compose-report.js';
import { readPageAssets } from './page-assets.js';
import { readRun } from '../results/read-run.js';

/** Name of the report in the folder of a run. */
export const reportName = 'report.html';

/**
 * Draws the report of a run from what its folder holds, writes it there, and returns its path.
 * @throws {RunError} if the run can't be read, or the report can't be written.
 */
export function writeReport(folder: string): string {
  const text = composeReport(readRun(folder), readPageAssets());
  const path = join(resolve(folder), reportName);
  const unfinished = `${path}.unfinished`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } catch (error) {
    throw new RunError(`Cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
  return path;
}
