import type { Command } from 'commander';
import { exitStatus, peopleStream } from '../../program/failure.js';
import { addGuidance } from '../../program/guidance.js';
import { addOptions, choiceOption, readOptions, switchOption } from '../../program/option-table.js';
import { examine, formatExamination } from './examination.js';
import { lookAround } from './look-around.js';
import { readMachineFacts } from './read-machine-facts.js';
import type { RunDemand } from './checks/process-plan.js';
import { benchOptionTable } from '../options/option-table.js';

const examples = [
  {
    line: 'tidemark doctor --connections 1000000 --rate max',
    does: 'what keeps this machine from a million, and what lifts it',
  },
  {
    line: 'tidemark doctor --connections 400000 --role server',
    does: 'the same for a machine that has only the server',
  },
  {
    line: 'tidemark doctor --connections 50000 --json',
    does: 'the same for programs; exit status 1 if it can’t be',
  },
];

/** Adds `tidemark doctor`. */
export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description('Shows which limits of this machine a run would meet, and what lifts them.');
  addOptions(command, doctorOptionTable);
  addGuidance(command, doctorOptionTable, examples);
  command.action(async () => {
    const { connections, rate, role, json } = readOptions(command, doctorOptionTable);
    const facts = { ...readMachineFacts(), ...(await lookAround()) };
    // As the bench does it, which has both on this machine.
    const fillsInTurn = role === 'both' && rate === 'max';
    const examination = examine(facts, { connections, rate, fillsInTurn, ...placesOf(role) });
    if (json) process.stdout.write(`${JSON.stringify(examination)}\n`);
    peopleStream(json).write(`${formatExamination(examination)}\n`);
    if (!examination.can_run) process.exitCode = exitStatus.failed;
  });
}

function placesOf(role: Role): Pick<RunDemand, 'server' | 'holdsGenerator'> {
  return {
    server: role === 'loadgen' ? 'elsewhere' : 'workers',
    holdsGenerator: role !== 'server',
  };
}

/** What of a run is to be on this machine. */
export const roles = ['both', 'server', 'loadgen'] as const;

/** One of {@link roles}. */
export type Role = (typeof roles)[number];

/** Every option of `tidemark doctor`. */
export const doctorOptionTable = {
  connections: { ...benchOptionTable.connections, summary: 'connections to be open at once' },
  rate: benchOptionTable.rate,
  role: choiceOption<Role>({
    group: 'Load',
    summary: 'what of the run is to be on this machine',
    choices: roles,
    default: 'both',
  }),
  json: switchOption('Output', 'print the findings as one JSON document on standard output'),
};
