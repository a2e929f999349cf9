import type { Command } from 'commander';
import { addGuidance } from '../../program/guidance.js';
import { addOptions, readOptions, switchOption } from '../../program/option-table.js';
import { columnsOf, peopleStream, UsageError } from '../../program/failure.js';
import { compareRuns } from './compare-runs.js';
import { formatComparison, formatComparisonMarkdown } from './compare-table.js';
import { readSummaries } from '../results/read-summary.js';

/** Every option of `tidemark compare`. */
export const compareOptionTable = {
  markdown: switchOption(
    'Output',
    'print the comparison as a Markdown table, as for a comment on a pull request',
  ),
  json: switchOption('Output', 'print the comparison as one JSON document on standard output'),
};

const examples = [
  {
    line: 'tidemark compare results/before results/after',
    does: 'what a change did, and whether that is more than noise',
  },
  {
    line: 'tidemark compare results/uws results/ws results/netty',
    does: 'several servers, each against the first',
  },
  {
    line: 'tidemark compare --json before/summary.json after/summary.json',
    does: 'the same for programs',
  },
];

/** Adds `tidemark compare`. */
export function addCompareCommand(program: Command): void {
  const command = program
    .command('compare')
    .description('Shows finished runs side by side, and whether they differ by more than noise.')
    .argument('<run>', 'folder of a run, or its summary.json; the others are compared with it')
    .argument('<other-runs...>', 'one or more other runs');
  addOptions(command, compareOptionTable);
  addGuidance(command, compareOptionTable, examples);
  command.action((run: string, others: readonly string[]) => {
    const { json, markdown } = readOptions(command, compareOptionTable);
    if (json && markdown) throw new UsageError('--json and --markdown exclude each other');
    const comparison = compareRuns(readSummaries([run, ...others]));
    if (json) process.stdout.write(`${JSON.stringify(comparison)}\n`);
    if (markdown) {
      process.stdout.write(`${formatComparisonMarkdown(comparison)}\n`);
      return;
    }
    const people = peopleStream(json);
    people.write(`${formatComparison(comparison, columnsOf(people))}\n`);
  });
}
