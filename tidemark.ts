#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addBenchCommand } from './bench/command.js';
import { addLoadgenCommand } from './loadgen/command.js';
import { exitStatus, messageOf, RunError, UsageError } from './options/failure.js';
import { addServerCommand } from './server/command.js';

const program = new Command('tidemark')
  .description('Shows where every byte per WebSocket connection lives, and whether it comes back.')
  .exitOverride()
  // Commander puts its suggestion on a second line; an error is one line here.
  .configureOutput({
    outputError: (text, write) => {
      write(`tidemark: ${messageOf(text.trim().replace(/^error: /, ''))}\n`);
    },
  });

addServerCommand(program);
addLoadgenCommand(program);
addBenchCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Prints what ended the command, one line unless it is a bug, and returns the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  if (error instanceof UsageError || error instanceof RunError) {
    process.stderr.write(`tidemark: ${messageOf(error)}\n`);
    return error instanceof UsageError ? exitStatus.usage : exitStatus.failed;
  }
  process.stderr.write(
    `tidemark: this is a bug, please report it\n${error instanceof Error ? (error.stack ?? '') : String(error)}\n`,
  );
  return exitStatus.failed;
}
