import { type Command, Option } from 'commander';
import { environmentVariableOf, flagOf, type OptionTable } from './option-table.js';

/** A command line to learn from. */
export interface Example {
  /** As it is typed: `tidemark bench --connections 400000`. */
  readonly line: string;
  /** What it does, in a few words. */
  readonly does: string;
}

/** What stands for an argument in the options, and how its values are written. */
const argumentForms: Readonly<Record<string, string>> = {
  DURATION: '500ms, 1.5s, 30s, 5m or 2h',
  SIZE: '100B, 64KiB, 2GiB or 64kB; without a unit, bytes',
  R: 'per second, such as 2000 or 0.5',
};

/** Puts below the help of a command what its options don't say: how values are written, and examples. */
export function addGuidance(
  command: Command,
  table: OptionTable,
  examples: readonly Example[],
): void {
  command
    .addHelpOption(new Option('-h, --help', 'show this help').helpGroup('Help:'))
    .addHelpText('after', `\n${formatGuidance(table, examples)}`);
}

/** Has a program write its help without a variable beside each option, which follows from the flag, and without all choices. */
export function simplifyHelp(program: Command): void {
  program.configureHelp({
    optionDescription: ({ description }) => description,
    argumentDescription: ({ description }) => description,
  });
}

/** Writes examples: each line, and below it what it does. */
export function formatExamples(heading: string, examples: readonly Example[]): string {
  return [`${heading}:`, ...examples.map(({ line, does }) => `  ${line}\n      ${does}`)].join(
    '\n',
  );
}

/** Writes how values are written, the variables that options can be set by too, and the examples. */
export function formatGuidance(table: OptionTable, examples: readonly Example[]): string {
  return [...valueForms(table), ...variables(table), formatExamples('Examples', examples)].join(
    '\n\n',
  );
}

function valueForms(table: OptionTable): string[] {
  const used = new Set(Object.values(table).flatMap(({ argument = '' }) => argument.split('|')));
  const lines = Object.entries(argumentForms)
    .filter(([argument]) => used.has(argument))
    .map(([argument, form]) => `  ${argument.padEnd(10)}${form}`);
  return lines.length === 0 ? [] : [['Values:', ...lines].join('\n')];
}

function variables(table: OptionTable): string[] {
  return Object.keys(table)
    .slice(0, 1)
    .map(
      (name) =>
        `As a variable, ${flagOf(name)} is ${environmentVariableOf(name)}; a flag overrides it.`,
    );
}
