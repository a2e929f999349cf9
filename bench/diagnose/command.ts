import { join } from 'node:path';
import type { Command } from 'commander';
import { peopleStream, RunError } from '../../program/failure.js';
import { addGuidance } from '../../program/guidance.js';
import { addOptions } from '../../program/option-table.js';
import { formatBytes } from '../../program/quantities.js';
import { killAllPrograms } from '../targets/child-program.js';
import { watchSignals } from '../ending.js';
import { refuseTheImpossible } from '../doctor/preflight.js';
import { createOutputFolder, defaultRunFolder, writeJsonFile } from '../results/run-folder.js';
import type { CellResult } from './cell-result.js';
import { diagnose } from './diagnosis.js';
import { findExtremes } from './find-cause.js';
import { formatDiagnosis } from './diagnosis-table.js';
import { diagnoseOptionTable, type DiagnoseOptions, readDiagnoseOptions } from './options.js';
import { planCross, planScreen } from './plan-cells.js';
import { runCells, runTraced } from './run-cells.js';
import { maskSecrets, toJson } from '../../program/secrets.js';

const examples = [
  {
    line: 'tidemark diagnose',
    does: 'our own server: messages × permessage-deflate, and more: up to 14 runs',
  },
  {
    line: 'tidemark diagnose --target netty',
    does: 'the published case: what makes its connections cost a hundred kilobytes',
  },
  {
    line: 'tidemark diagnose --exec "node server.js" --url ws://127.0.0.1:3000',
    does: 'your own server, in up to 10 runs',
  },
];

/** Adds `tidemark diagnose`. */
export function addDiagnoseCommand(program: Command): void {
  const command = program
    .command('diagnose')
    .description(
      'Finds out what makes a connection expensive: runs one experiment per combination.',
    );
  addOptions(command, diagnoseOptionTable);
  addGuidance(command, diagnoseOptionTable, examples);
  command.action(async () => {
    await runDiagnosis(readDiagnoseOptions(command));
  });
}

async function runDiagnosis(options: DiagnoseOptions): Promise<void> {
  const { factors, target, connections, json, quiet } = options;
  const screen = planScreen(factors);
  const [first] = screen;
  if (first !== undefined) refuseTheImpossible(options.runOf(first, false));
  const people = peopleStream(json);
  const signals = watchSignals(killAllPrograms);
  const folder = createOutputFolder(options.out ?? defaultRunFolder(new Date()));
  const run = {
    runOf: options.runOf,
    folder,
    interrupted: signals.interrupted,
    onCell: (result: CellResult) => {
      if (!quiet) people.write(`${maskSecrets(describeCell(result))}\n`);
    },
  };
  if (!quiet) people.write(`${screen.length} runs first, then those that follow from them\n`);
  const screened = await runCells(screen, run);
  const crossed = await runCells(planCross(screened, factors), run);
  const results = [...screened, ...crossed];
  const { dear } = findExtremes(results);
  const traced = options.stacks && dear !== undefined ? await runTraced(dear, run) : undefined;
  signals.release();
  const diagnosis = diagnose(
    { target, connections, factors },
    results,
    traced?.state === 'measured' ? traced.makeup : undefined,
  );
  writeJsonFile(join(folder, 'diagnosis.json'), diagnosis);
  if (json) process.stdout.write(`${toJson(diagnosis)}\n`);
  people.write(`${maskSecrets(formatDiagnosis(diagnosis))}\nResults: ${folder}\n`);
  const ran = traced === undefined ? results : [...results, traced];
  const failed = ran.filter(({ state }) => state === 'failed').length;
  if (failed > 0) {
    throw new RunError(
      `${failed} of ${ran.length} cells failed, see above; the others are in ${folder}`,
    );
  }
}

function describeCell(result: CellResult): string {
  if (result.state !== 'measured') return `${result.name}: ${result.state}: ${result.reason}`;
  const { held, kept } = result;
  return `${result.name}: ${formatBytes(held.whole)} per connection, ${formatBytes(kept.whole)} stay`;
}
