import { join, resolve } from 'node:path';
import { composeReport } from './compose-report.js';
import { readPageAssets } from './page-assets.js';
import { readRun } from '../results/read-run.js';
import { writeWhole } from '../results/run-folder.js';

/** Name of the report in the folder of a run. */
export const reportName = 'report.html';

/**
 * Draws the report of a run from what its folder holds, writes it there, and returns its path.
 * @throws {RunError} if the run can't be read, or the report can't be written.
 */
export function writeReport(folder: string): string {
  const text = composeReport(readRun(folder), readPageAssets());
  const path = join(resolve(folder), reportName);
  writeWhole(path, text);
  return path;
}
