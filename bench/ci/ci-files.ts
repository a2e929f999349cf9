import { accessSync, appendFileSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf, RunError, UsageError } from '../../program/failure.js';
import { maskSecrets } from '../../program/secrets.js';
import type { BenchOptions } from '../options/bench-options.js';
import { writeWhole } from '../results/run-folder.js';
import type { RunSummary } from '../results/summary.js';
import { type CheckedAssertion, writeJunit } from './junit.js';
import { writeSummaryMarkdown } from './summary-markdown.js';

type CiOptions = Pick<BenchOptions, 'junit' | 'summaryMd'>;

/**
 * Makes sure, before anything starts, that the files for CI can be written.
 * @throws {UsageError} if a folder is not there, or not to be written.
 */
export function refuseUnwritable({ junit, summaryMd }: CiOptions): void {
  for (const [option, file] of [
    ['--junit', junit],
    ['--summary-md', summaryMd],
  ] as const) {
    if (file === undefined) continue;
    try {
      accessSync(dirname(resolve(file)), constants.W_OK);
    } catch (error) {
      throw new UsageError(`${option}: cannot write ${file}: ${messageOf(error)}`);
    }
  }
}

/**
 * Writes the files for CI that were asked for. The summary is added to what its file holds, as CI servers expect.
 * @param files where to
 * @param summary of the run
 * @param checked its assertions, in their order
 * @param failure why the run failed, or is not to be trusted; undefined if it did not
 * @throws {RunError} if one can't be written.
 */
export function writeCiFiles(
  files: CiOptions,
  summary: RunSummary,
  checked: readonly CheckedAssertion[],
  failure: string | undefined,
): void {
  const { junit, summaryMd } = files;
  if (junit !== undefined) writeWhole(junit, maskSecrets(writeJunit(summary, checked, failure)));
  if (summaryMd === undefined) return;
  try {
    appendFileSync(summaryMd, maskSecrets(writeSummaryMarkdown(summary, checked, failure)));
  } catch (error) {
    throw new RunError(`Cannot write ${summaryMd}: ${messageOf(error)}`, { cause: error });
  }
}
