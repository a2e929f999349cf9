import type { Command } from 'commander';
import { addGuidance } from '../../program/guidance.js';
import { addOptions, readOptions, switchOption } from '../../program/option-table.js';
import { peopleStream } from '../../program/failure.js';
import { writeReport } from './write-report.js';

/** Every option of `tidemark report`. */
export const reportOptionTable = {
  json: switchOption(
    'Output',
    'print the path of the report as one JSON document on standard output',
  ),
};

const examples = [
  {
    line: 'tidemark report results/2026-01-31T12-34-56Z',
    does: 'draws report.html again from the files of a run',
  },
  { line: 'tidemark report .', does: 'the same for the run in this folder' },
  {
    line: 'tidemark report --json results/2026-01-31T12-34-56Z',
    does: 'the same for programs: {"report":"/…/report.html"}',
  },
];

/** Adds `tidemark report`. */
export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .description(
      'Draws report.html of a run from its samples.csv, and from summary.json and environment.json if they are there.',
    )
    .argument('<run>', 'folder of the run, as bench prints it');
  addOptions(command, reportOptionTable);
  addGuidance(command, reportOptionTable, examples);
  command.action((run: string) => {
    const { json } = readOptions(command, reportOptionTable);
    const path = writeReport(run);
    if (json) process.stdout.write(`${JSON.stringify({ report: path })}\n`);
    peopleStream(json).write(`Report: ${path}\n`);
  });
}
