#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { readPackage } from './program/package.js';
import { errorCodeOf, exitStatus, messageOf, RunError, UsageError } from './program/failure.js';
import { formatExamples, simplifyHelp } from './program/guidance.js';
import { maskSecrets } from './program/secrets.js';

/** What adds each command, in the order of the help. */
const commands: readonly (readonly [name: string, load: () => Promise<AddCommand>])[] = [
  ['server', async () => (await import('./server/command.js')).addServerCommand],
  ['loadgen', async () => (await import('./loadgen/command.js')).addLoadgenCommand],
  ['merge', async () => (await import('./loadgen/shards/command.js')).addMergeCommand],
  ['bench', async () => (await import('./bench/command.js')).addBenchCommand],
  ['diagnose', async () => (await import('./bench/diagnose/command.js')).addDiagnoseCommand],
  ['compare', async () => (await import('./bench/compare/command.js')).addCompareCommand],
  ['report', async () => (await import('./bench/report/command.js')).addReportCommand],
  ['export', async () => (await import('./bench/export/command.js')).addExportCommand],
  ['doctor', async () => (await import('./bench/doctor/command.js')).addDoctorCommand],
  [
    'completion',
    async () => (await import('./program/completion/command.js')).addCompletionCommand,
  ],
  ['help', async () => (await import('./program/help/command.js')).addHelpCommand],
];

/** They tell of all the others. */
const needingAll = ['completion', 'help'];

type AddCommand = (program: Command) => void;

const firstSteps = [
  {
    line: 'tidemark bench',
    does: 'what a connection to our own server takes, in a minute and a quarter',
  },
  {
    line: 'tidemark bench --exec "node server.js" --url ws://127.0.0.1:3000',
    does: 'the same for yours; with --pid for one that runs already',
  },
  {
    line: 'tidemark diagnose --exec "node server.js" --url ws://127.0.0.1:3000',
    does: 'why it takes that much',
  },
];

const program = new Command('tidemark')
  .description('Shows where every byte per WebSocket connection lives, and whether it comes back.')
  .addHelpText(
    'after',
    `\n${formatExamples('Begin with', firstSteps)}\n\nEach command has examples of its own: tidemark <command> --help\nThe pages of the manual: tidemark help`,
  )
  .exitOverride()
  .version(readPackage().version)
  // So that `tidemark server --version` is the server's own option.
  .enablePositionalOptions()
  .configureOutput({
    outputError: (text, write) => {
      write(`tidemark: ${maskSecrets(toOneLine(text))}\n`);
    },
  });

simplifyHelp(program);
// One command is loaded where one is named: that is quicker, and Node opens all modules that it loads at once, which would be
// more files than some may open (256 on macOS).
const [, , asked] = process.argv;
const isNamed = commands.some(([name]) => name === asked && !needingAll.includes(name));
for (const [name, load] of commands) {
  if (!isNamed || name === asked) (await load())(program);
}

// `tidemark --help | head` closes the pipe before the end (EPIPE), and who closes the window ends the terminal (EIO); that
// is no failure of the program, and what it has to do in the end it does all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!['EPIPE', 'EIO'].includes(errorCodeOf(error) ?? '')) throw error;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Commander begins with `error:` and puts its suggestion on a second line, in brackets. */
function toOneLine(text: string): string {
  return messageOf(
    text
      .trim()
      .replace(/^error: /, '')
      .replace(/\n\(Did you mean (.*)\?\)$/, ', did you mean $1?'),
  );
}

/** Prints what ended the command, one line unless it is a bug, and returns the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  if (error instanceof UsageError || error instanceof RunError) {
    process.stderr.write(`tidemark: ${maskSecrets(messageOf(error))}\n`);
    if (error instanceof RunError) {
      for (const line of error.advice) process.stderr.write(`  ${line}\n`);
    }
    return error instanceof UsageError ? exitStatus.usage : exitStatus.failed;
  }
  process.stderr.write(
    `tidemark: this is a bug, please report it\n${error instanceof Error ? (error.stack ?? '') : String(error)}\n`,
  );
  return exitStatus.failed;
}
