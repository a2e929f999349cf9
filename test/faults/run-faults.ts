/**
 * Does to our programs what may happen to them, for real: `npm run faults`, or `npm run faults -- --name frozen` for those that
 * have it in their name. Prints a Markdown table; exit status 0 if all came as expected, 1 if not, 2 for a wrong command line.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killAllOnSignal } from '../../bench/ending.js';
import { exitStatus, messageOf } from '../../program/failure.js';
import { benchFaults } from './bench-faults.js';
import { type Fault, type FaultOutcome, formatOutcomes } from './fault.js';
import { generatorFaults } from './generator-faults.js';
import { serverFaults } from './server-faults.js';

const faults: readonly Fault[] = [...serverFaults, ...generatorFaults, ...benchFaults];

killAllOnSignal();

const wanted = readWanted();
if (wanted !== undefined) process.exitCode = await run(wanted);

/** Undefined, and said so, if the command line is wrong. */
function readWanted(): readonly Fault[] | undefined {
  let name: string;
  try {
    ({ name } = parseArgs({ options: { name: { type: 'string', default: '' } } }).values);
  } catch (error) {
    process.stderr.write(`faults: ${messageOf(error)}\n`);
    process.exitCode = exitStatus.usage;
    return undefined;
  }
  const chosen = faults.filter((fault) => fault.name.includes(name));
  if (chosen.length > 0) return chosen;
  process.stderr.write(
    `faults: none has ${JSON.stringify(name)} in its name: ${faults.map((each) => each.name).join(', ')}\n`,
  );
  process.exitCode = exitStatus.usage;
  return undefined;
}

async function run(chosen: readonly Fault[]): Promise<number> {
  const outcomes: (readonly [Fault, FaultOutcome])[] = [];
  let isLeftOut = false;
  for (const [index, fault] of chosen.entries()) {
    process.stderr.write(`${index + 1}/${chosen.length} ${fault.name}\n`);
    const missing = fault.missing?.();
    if (missing !== undefined) {
      process.stderr.write(`  left out: ${missing}\n`);
      isLeftOut = true;
      continue;
    }
    const outcome = await happen(fault);
    for (const mistake of outcome.mistakes) process.stderr.write(`  wrong: ${mistake}\n`);
    outcomes.push([fault, outcome]);
  }
  process.stdout.write(`${formatOutcomes(outcomes)}\n`);
  const isRight = outcomes.every(([, { mistakes }]) => mistakes.length === 0);
  const mayLeaveOut = process.env['TIDEMARK_REQUIRE_ALL'] !== '1';
  return isRight && (mayLeaveOut || !isLeftOut) ? exitStatus.done : exitStatus.failed;
}

async function happen(fault: Fault): Promise<FaultOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-fault-'));
  try {
    return await fault.happen(folder);
  } catch (error) {
    return { outcome: '', mistakes: [messageOf(error)], childrenLeft: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
