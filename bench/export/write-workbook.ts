import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { documentOf } from '../../program/document-fields.js';
import { RunError } from '../../program/failure.js';
import { packageFolder } from '../../program/package.js';
import { readWholeRun } from '../results/read-run.js';
import { writeWhole } from '../results/run-folder.js';
import type { Sheet } from './ooxml/workbook.js';
import { packWorkbook } from './ooxml/workbook-package.js';
import { composeWorkbook } from './compose-workbook.js';

/** Name of the workbook in the folder of a run, if no other file is named. It may be written again. */
export const workbookName = 'run.xlsx';

/** Most rows of a sheet, in Calc and Excel. */
const mostRows = 1_048_576;

/**
 * Writes a run as a workbook into a file, by default `run.xlsx` in its folder, and returns its absolute path.
 * @throws {RunError} if the run can't be read, has more rows than a sheet, or the file is there already or can't be written.
 */
export function writeWorkbook(folder: string, file: string | undefined): string {
  const usual = join(resolve(folder), workbookName);
  const path = file === undefined ? usual : resolve(file);
  const run = readWholeRun(folder);
  if (path !== usual && existsSync(path)) {
    throw new RunError(`Cannot write ${path}: it is there already, name another file`);
  }
  const sheets = composeWorkbook(run, readSummarySchema());
  for (const sheet of sheets) refuseTooLong(sheet);
  writeWhole(path, packWorkbook(sheets));
  return path;
}

function refuseTooLong({ name, rows }: Sheet): void {
  if (rows.length <= mostRows) return;
  throw new RunError(
    `Cannot write ${rows.length} rows of ${name}: a sheet takes ${mostRows}, use the CSV files`,
  );
}

/** The package has it: the meanings of the fields are the doc comments of their types. */
function readSummarySchema() {
  const path = join(packageFolder, 'schema', 'summary.schema.json');
  return documentOf(JSON.parse(readFileSync(path, 'utf8')));
}
