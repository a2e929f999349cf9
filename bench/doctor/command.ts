import type { Command } from 'commander';
import { exitStatus } from '../../program/failure.js';
import { addGuidance } from '../../program/guidance.js';
import { addOptions, readOptions } from '../../program/option-table.js';
import { peopleStream } from '../../program/people-stream.js';
import { examine, formatExamination } from './examination.js';
import { lookAround } from './look-around.js';
import { doctorOptionTable, type Role } from './options.js';
import { readMachineFacts } from './read-machine-facts.js';
import type { RunDemand } from './run-demand.js';

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
    const examination = examine(facts, { connections, rate, ...placesOf(role) });
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
