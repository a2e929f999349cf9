import type { Command } from 'commander';
import { peopleStream, UsageError } from '../../program/failure.js';
import { addGuidance } from '../../program/guidance.js';
import { addOptions, readOptions, switchOption } from '../../program/option-table.js';
import { workbookName, writeWorkbook } from './write-workbook.js';

/** Every option of `tidemark export`. */
export const exportOptionTable = {
  xlsx: switchOption('Output', 'write a workbook with typed cells and charts (.xlsx)'),
  json: switchOption(
    'Output',
    'print the path of the file as one JSON document on standard output',
  ),
};

const examples = [
  {
    line: 'tidemark export results/2026-01-31T12-34-56Z --xlsx',
    does: `writes ${workbookName} into the folder of the run`,
  },
  {
    line: 'tidemark export results/2026-01-31T12-34-56Z --xlsx before.xlsx',
    does: 'writes it into a file of that name, which must not be there yet',
  },
  {
    line: 'tidemark export . --xlsx --json',
    does: 'the same for programs: {"xlsx":"/…/run.xlsx"}',
  },
];

/** Adds `tidemark export`. */
export function addExportCommand(program: Command): void {
  const command = program
    .command('export')
    .description(
      'Writes a run as one file for a spreadsheet: summary, samples, workers and charts.',
    )
    .argument('<run>', 'folder of the run, as bench prints it')
    .argument('[file]', `file to write (default: ${workbookName} in that folder)`);
  addOptions(command, exportOptionTable);
  addGuidance(command, exportOptionTable, examples);
  command.action((run: string, file: string | undefined) => {
    const { xlsx, json } = readOptions(command, exportOptionTable);
    if (!xlsx) throw new UsageError('Give the format to export to: --xlsx');
    const path = writeWorkbook(run, file);
    if (json) process.stdout.write(`${JSON.stringify({ xlsx: path })}\n`);
    peopleStream(json).write(`Workbook: ${path}\n`);
  });
}
