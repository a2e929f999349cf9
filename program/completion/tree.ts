import type { Argument, Command, Option } from 'commander';

/** What a word of a command line may be: one of a few, something on the disk, or anything. */
export type Expected =
  | { readonly kind: 'word'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'run' | 'any' };

/** A flag that a shell can complete. */
export interface KnownFlag {
  /** As it is typed, such as `--help`; the long form last. */
  readonly forms: readonly string[];
  /** A few words without markup. */
  readonly summary: string;
  /** What comes after it, and how the help calls that; undefined for a switch. */
  readonly value: { readonly name: string; readonly expected: Expected } | undefined;
}

/** A word of a command that belongs to no flag, such as the folder of a run. */
export interface KnownOperand {
  readonly name: string;
  readonly expected: Expected;
  /** All further words are of its kind. */
  readonly repeats: boolean;
}

/** A command with all that can be typed after it. */
export interface KnownCommand {
  readonly name: string;
  /** A few words without markup. */
  readonly summary: string;
  readonly flags: readonly KnownFlag[];
  /** In the order in which they are typed. */
  readonly operands: readonly KnownOperand[];
}

/** A program with its commands. */
export interface CompletionTree {
  readonly program: string;
  /** Those that the program has without a command. */
  readonly flags: readonly KnownFlag[];
  readonly commands: readonly KnownCommand[];
}

/** Reads from a program what can be typed: all that its help shows. */
export function completionTree(program: Command): CompletionTree {
  return {
    program: program.name(),
    flags: flagsOf(program),
    commands: program
      .createHelp()
      .visibleCommands(program)
      .map((command) => ({
        name: command.name(),
        summary: shorten(command.description()),
        flags: flagsOf(command),
        operands: command.registeredArguments.map((argument) => ({
          name: argument.name(),
          expected: expectedOf(argument.name(), argument.argChoices),
          repeats: argument.variadic,
        })),
      })),
  };
}

function flagsOf(command: Command): readonly KnownFlag[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({
      forms: [option.short, option.long].filter((form) => form !== undefined),
      summary: shorten(option.description),
      value: valueOf(option),
    }));
}

function valueOf(option: Option): KnownFlag['value'] {
  const [, name] = /<(.+)>$/.exec(option.flags) ?? [];
  return name === undefined ? undefined : { name, expected: expectedOf(name, option.argChoices) };
}

/** What the last word of an argument's name says that it is, such as that of `other-runs`. */
const kindsOnDisk: Readonly<Record<string, 'file' | 'folder' | 'run'>> = {
  file: 'file',
  // A folder or a file: shells offer folders among files.
  path: 'file',
  dir: 'folder',
  folder: 'folder',
  run: 'run',
};

/** What an argument may be, by its choices, else by its name in the help, such as `N|auto`, `FILE` or `other-runs`. */
function expectedOf(name: string, choices: Argument['argChoices']): Expected {
  if (choices !== undefined) return { kind: 'word', words: choices };
  const lastWord = name.toLowerCase().split('-').at(-1) ?? '';
  const kind = kindsOnDisk[lastWord] ?? kindsOnDisk[lastWord.replace(/s$/, '')];
  if (kind !== undefined) return { kind };
  // What has small letters only is typed as it stands: the auto of N|auto.
  const words = name.includes('|') ? name.split('|').filter((word) => /^[a-z-]+$/.test(word)) : [];
  return words.length === 0 ? { kind: 'any' } : { kind: 'word', words };
}

/** There is room for a few words beside a flag: what explains them further goes. */
function shorten(text: string): string {
  return (text.split(/[;:] | \(|\. /)[0] ?? '').replace(/\.$/, '');
}
