import { Command, Option } from 'commander';
import { messageOf, UsageError } from './failure.js';
import { parseChoice } from './quantities.js';

/**
 * One command-line option. The key under which it stands in its {@link OptionTable} is its name in code;
 * the flag (`maxConnections` → `--max-connections`) and the environment variable (`TIDEMARK_MAX_CONNECTIONS`)
 * follow from it.
 */
export interface OptionDefinition<Value> {
  /** Heading under which `--help` lists it. */
  readonly group: string;
  /**
   * What stands for the argument in the help, such as `N` or `DURATION`; absent for a switch. Shells complete what its name says
   * (`FILE`, `DIR`, `RUN`), and what can be typed as it stands, such as the `auto` of `N|auto`.
   */
  readonly argument?: string;
  /** Words that the argument can be, where the name of the argument does not list them; shells offer them. */
  readonly choices?: readonly string[];
  /** What it does, its unit, and what 0 or `max` mean. */
  readonly summary: string;
  /**
   * Turns the argument into the value. A switch is parsed from the text `true`.
   * @throws {RangeError} if the argument is not acceptable; the message says what is.
   */
  readonly parse: (text: string) => Value;
  /** Value when neither the flag nor the environment variable is given. */
  readonly default: Value;
  /** How the help writes the default, where its JSON would not read well. */
  readonly defaultText?: string;
  /** Present when `--no-…` exists too: what that form does, and the value it gives. */
  readonly negation?: { readonly summary: string; readonly value: Value };
  /** May be given more than once: `parse` returns a list, and the lists are joined. */
  readonly repeats?: true;
  /** Its values, a list, go into that of this option, so that what is given first of both stands first. */
  readonly joins?: string;
  /** Other long flags that mean the same, such as `--message-binary`. */
  readonly aliases?: readonly string[];
  /** Also accepted in camel case, for people who arrive with older scripts (`--connectDelayMillis`). */
  readonly camelCaseAlias?: true;
}

/** The options of one command, by their names in code. */
export type OptionTable = Readonly<Record<string, OptionDefinition<unknown>>>;

/** The parsed values of an {@link OptionTable}. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends OptionDefinition<infer Value> ? Value : never;
};

/** Marks its argument as an option whose value has the type that `parse` and `default` have together. */
export function option<Value>(definition: OptionDefinition<Value>): OptionDefinition<Value> {
  return definition;
}

/** Returns an option whose argument is one of a few words; they stand for the argument in the help unless it has a name. */
export function choiceOption<Value extends string | undefined>(
  definition: Omit<OptionDefinition<Value>, 'parse'> & {
    readonly choices: readonly (Value & string)[];
  },
): OptionDefinition<Value> {
  const { choices } = definition;
  return {
    argument: choices.join('|'),
    ...definition,
    parse: (text) => parseChoice(text, choices),
  };
}

/** Returns an option without an argument: false unless given. */
export function switchOption(group: string, summary: string): OptionDefinition<boolean> {
  return { group, summary, parse: (text) => text === 'true', default: false };
}

/** Returns the long flag of an option: `maxConnections` → `--max-connections`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Returns the environment variable of an option: `maxConnections` → `TIDEMARK_MAX_CONNECTIONS`. */
export function environmentVariableOf(name: string): string {
  return `TIDEMARK_${flagOf(name).slice(2).replaceAll('-', '_').toUpperCase()}`;
}

/** Returns the variables that a child process may have: those of our options would set the child's options too. */
export function environmentWithoutOptions(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('TIDEMARK_')),
  );
}

/** The separate problems that parsing has met so far, by command, so that all can be reported together. */
const problems = new WeakMap<Command, string[]>();

/** Adds every option of the table to a command, with its help, default and environment variable. */
export function addOptions(command: Command, table: OptionTable): void {
  problems.set(command, []);
  for (const [name, definition] of Object.entries(table)) {
    for (const added of commanderOptions(command, name, definition)) command.addOption(added);
  }
}

/**
 * Returns the typed values of a parsed command.
 * @throws {UsageError} if arguments could not be parsed; its message names all of them.
 */
export function readOptions<Table extends OptionTable>(
  command: Command,
  table: Table,
): OptionValues<Table> {
  throwProblems(problems.get(command) ?? []);
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(table)) {
    const given: unknown = command.getOptionValue(name);
    const isNegated = given === false && definition.negation !== undefined;
    values[name] = isNegated ? definition.negation.value : (given ?? definition.default);
  }
  // Each value was produced by the parse function or the default of its own definition.
  return values as OptionValues<Table>;
}

/** Tells whether the user gave an option, as a flag or in the environment. */
export function isGiven(command: Command, name: string): boolean {
  const source = command.getOptionValueSource(name);
  return source === 'cli' || source === 'env';
}

/**
 * Reports problems with options, all in one line.
 * @throws {UsageError} if there is at least one.
 */
export function throwProblems(found: readonly string[]): void {
  if (found.length > 0) throw new UsageError(found.join('; '));
}

function commanderOptions(
  command: Command,
  name: string,
  definition: OptionDefinition<unknown>,
): Option[] {
  const { argument, summary, group, negation, joins } = definition;
  const collect = (text: string, earlier?: unknown): unknown => {
    try {
      const value = definition.parse(text);
      if (joins !== undefined) {
        command.setOptionValueWithSource(joins, join(command.getOptionValue(joins), value), 'cli');
        return undefined;
      }
      return definition.repeats === true ? join(earlier, value) : value;
    } catch (error) {
      problems.get(command)?.push(`${flagOf(name)}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const create = (flags: string, description: string): Option =>
    new Option(flags, description).helpGroup(`${group}:`);
  const value = argument === undefined ? '' : ` <${argument}>`;
  const main = create(`${flagOf(name)}${value}`, describe(summary, definition));
  const variable = environmentVariableOf(name);
  if (argument !== undefined) main.env(variable).argParser(collect);
  else if (!isOff(process.env[variable])) main.env(variable);
  // Not by `choices()`, which would parse too.
  if (definition.choices !== undefined) main.argChoices = [...definition.choices];
  const options = [main];
  if (negation !== undefined) {
    const negated = create(flagOf(name).replace('--', '--no-'), negation.summary);
    options.push(
      negated.env(environmentVariableOf(`no${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`)),
    );
  }
  if (definition.camelCaseAlias === true) {
    options.push(create(`--${name}${value}`, summary).argParser(collect).hideHelp());
  }
  for (const alias of definition.aliases ?? []) {
    const set = (text: string): unknown => {
      command.setOptionValueWithSource(name, collect(text), 'cli');
      return text;
    };
    options.push(create(`${alias}${value}`, summary).argParser(set).hideHelp());
  }
  return options;
}

/** Returns the list with what comes after it. */
function join(earlier: unknown, value: unknown): unknown {
  return Array.isArray(earlier) && Array.isArray(value)
    ? [...(earlier as unknown[]), ...(value as unknown[])]
    : value;
}

/** Commander takes any value of a switch's variable for on; people write `false` and `0` for off. */
function isOff(value: string | undefined): boolean {
  return value === '' || value === 'false' || value === '0';
}

function describe(summary: string, definition: OptionDefinition<unknown>): string {
  const { defaultText, default: value } = definition;
  if (defaultText !== undefined) return `${summary} (default: ${defaultText})`;
  if (value === undefined || value === false) return summary;
  if (value === true) return `${summary} (default)`;
  return `${summary} (default: ${typeof value === 'string' ? value : JSON.stringify(value)})`;
}
