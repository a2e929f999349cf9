import { benchOptionTable } from '../options/option-table.js';
import { flagOf, type OptionDefinition } from '../../program/option-table.js';

/** A value of an option, as on the command line: `2000`, `'30s'`, `true` for a switch, a list for one that may be repeated. */
export type Setting = string | number | boolean | readonly (string | number)[] | undefined;

/** What {@link measure} decides itself, or has under another name. */
type TakenOption = 'exec' | 'assert' | 'json' | 'quiet' | 'plan';

/** The options of `tidemark bench`, by their names in camel case: `maxTime` for `--max-time`. `false` is for the form with `--no-`. */
export type BenchSettings = {
  readonly [Name in Exclude<keyof typeof benchOptionTable, TakenOption>]?: Setting;
};

/**
 * Returns the arguments of `tidemark bench` for these settings. They are not checked here: the bench does that, as for
 * everybody, and names what it does not know.
 */
export function benchArguments(settings: Readonly<Record<string, Setting>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => argumentsOf(name, value));
}

function argumentsOf(name: string, value: Setting): string[] {
  const table: Readonly<Record<string, OptionDefinition<unknown> | undefined>> = benchOptionTable;
  const flag = flagOf(name);
  if (value === undefined) return [];
  if (value === true) return [flag];
  if (value === false) {
    return table[name]?.negation === undefined ? [] : [flag.replace('--', '--no-')];
  }
  if (typeof value !== 'object') return [`${flag}=${value}`];
  if (table[name]?.repeats === true) return value.map((each) => `${flag}=${each}`);
  return value.length === 0 ? [] : [`${flag}=${value.join(',')}`];
}
