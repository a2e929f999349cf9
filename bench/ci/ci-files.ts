import { accessSync, appendFileSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf, RunError, UsageError } from '../../program/failure.js';
import { maskSecrets } from '../../program/secrets.js';
import type { BenchOptions } from '../options/bench-options.js';
import { writeWhole } from '../results/run-folder.js';
import { type FinishedRun, readSummaries } from '../results/read-summary.js';
import type { RunSummary } from '../results/summary.js';
import { findDifferences } from './differences.js';
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
 * Reads the run that this one is to be compared with, before anything starts; undefined if there is to be none.
 * @throws {UsageError} if it is no run that has ended.
 */
export function readEarlierRun({
  against,
}: Pick<BenchOptions, 'against'>): FinishedRun | undefined {
  if (against === undefined) return undefined;
  try {
    return readSummaries([against])[0];
  } catch (error) {
    throw new UsageError(`--against: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Writes the files for CI that were asked for. The summary is added to what its file holds, as CI servers expect.
 * @param files where to
 * @param summary of the run
 * @param checked its assertions, in their order
 * @param failure why the run failed, or is not to be trusted; undefined if it did not
 * @param earlier a run that the summary compares it with, if any
 * @throws {RunError} if one can't be written.
 */
export function writeCiFiles(
  files: CiOptions,
  summary: RunSummary,
  checked: readonly CheckedAssertion[],
  failure: string | undefined,
  earlier: FinishedRun | undefined,
): void {
  const { junit, summaryMd } = files;
  if (junit !== undefined) writeWhole(junit, maskSecrets(writeJunit(summary, checked, failure)));
  if (summaryMd === undefined) return;
  try {
    const differences = earlier && findDifferences(earlier, summary);
    const text = writeSummaryMarkdown(summary, checked, failure, differences);
    appendFileSync(summaryMd, maskSecrets(text));
  } catch (error) {
    throw new RunError(`Cannot write ${summaryMd}: ${messageOf(error)}`, { cause: error });
  }
}
