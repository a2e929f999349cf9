/** The help of every command, as people read it. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { Command } from 'commander';
import { compareOptionTable } from '../../bench/compare/command.js';
import { diagnoseOptionTable, readDiagnoseOptions } from '../../bench/diagnose/options.js';
import { readBenchOptions } from '../../bench/options/bench-options.js';
import { benchOptionTable } from '../../bench/options/option-table.js';
import { doctorOptionTable } from '../../bench/doctor/command.js';
import { exportOptionTable } from '../../bench/export/command.js';
import { loadgenOptions } from '../../loadgen/plan/options.js';
import { mergeOptionTable } from '../../loadgen/shards/command.js';
import {
  addOptions,
  environmentVariableOf,
  flagOf,
  type OptionTable,
  readOptions,
} from '../../program/option-table.js';
import { reportOptionTable } from '../../bench/report/command.js';
import { readServerOptions, serverOptionTable } from '../../server/options.js';
import { runProgram } from './program.js';

/** The options of each command, and what reads them from a parsed command line. */
const commands: Readonly<
  Record<string, { readonly table: OptionTable; readonly read: (command: Command) => unknown }>
> = {
  server: { table: serverOptionTable, read: readServerOptions },
  loadgen: readByTable(loadgenOptions),
  merge: readByTable(mergeOptionTable),
  bench: { table: benchOptionTable, read: readBenchOptions },
  diagnose: { table: diagnoseOptionTable, read: readDiagnoseOptions },
  compare: readByTable(compareOptionTable),
  report: readByTable(reportOptionTable),
  export: readByTable(exportOptionTable),
  doctor: readByTable(doctorOptionTable),
  completion: readByTable({}),
  help: readByTable({}),
};

function readByTable(table: OptionTable) {
  return { table, read: (command: Command) => readOptions(command, table) };
}

async function helpOf(...command: readonly string[]): Promise<string> {
  const { exitStatus, lines, stderr } = await runProgram(...command, '--help');
  assert.equal(exitStatus, 0, stderr);
  return lines.join('\n');
}

/** The lines of a group, without the indentation. */
function groupOf(help: string, heading: string): readonly string[] {
  const lines = help.split('\n');
  const from = lines.indexOf(`${heading}:`) + 1;
  assert.ok(from > 0, `${heading} is missing in\n${help}`);
  const to = lines.indexOf('', from);
  return lines.slice(from, to === -1 ? undefined : to).map((line) => line.slice(2));
}

/** The lines to type of a list of examples, each of which is followed by what it does. */
function examplesOf(help: string, heading = 'Examples'): readonly string[] {
  const lines = groupOf(help, heading);
  const typed = lines.filter((line) => !line.startsWith(' '));
  assert.deepEqual(
    lines.map((line) => line.startsWith(' ')),
    typed.flatMap(() => [false, true]),
    'each example has a line that says what it does',
  );
  return typed;
}

/** Splits a line at blanks as a shell does, as far as examples need it: words in quotes are one. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|[^\s"']+/g)].map(
    ([word, double, single]) => double ?? single ?? word,
  );
}

/** Parses an example with the options of its command, and fails if that would refuse it. */
function assertUsable(line: string): void {
  const [program, name = '', ...words] = wordsOf(line);
  assert.equal(program, 'tidemark', line);
  const entry = commands[name];
  assert.ok(entry !== undefined, line);
  const command = new Command(name).argument('[words...]').exitOverride();
  addOptions(command, entry.table);
  command.parse(words, { from: 'user' });
  entry.read(command);
}

describe('tidemark --help', () => {
  let help: string;
  before(async () => {
    help = await helpOf();
  });

  it('shows where to begin, by lines that can be typed', () => {
    const steps = examplesOf(help, 'Begin with');
    assert.ok(steps.length >= 3);
    for (const line of steps) assertUsable(line);
  });

  it('names the commands whose help is tested here', () => {
    const named = groupOf(help, 'Commands').map((line) => /^[a-z]+/.exec(line)?.[0]);
    const known = new Set([...Object.keys(commands), undefined]);
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    );
  });
});

for (const [name, { table }] of Object.entries(commands)) {
  describe(`tidemark ${name} --help`, () => {
    let help: string;
    before(async () => {
      help = await helpOf(name);
    });

    it('has every option in its group, with its default, and no variable beside it', () => {
      for (const [option, definition] of Object.entries(table)) {
        const flag = flagOf(option);
        const group = groupOf(help, definition.group);
        assert.ok(
          group.some((line) => line.startsWith(`${flag} `)),
          `${flag} is missing in ${definition.group}`,
        );
        const { default: value, defaultText } = definition;
        if (typeof value !== 'number' && defaultText === undefined) continue;
        const text = group.map((line) => line.trim()).join(' ');
        assert.ok(text.includes(`(default: ${defaultText ?? String(value)})`), flag);
      }
      const variables = Object.keys(table).filter((option) =>
        help.includes(environmentVariableOf(option)),
      );
      const explained = Math.min(1, Object.keys(table).length);
      assert.equal(variables.length, explained, 'the variables are explained by one of them');
    });

    it('ends with what is the same everywhere', () => {
      assert.ok(groupOf(help, 'Help').some((line) => line.startsWith('-h, --help ')));
      assert.ok(help.lastIndexOf('\n\n') < help.indexOf('\nExamples:'), 'examples come last');
    });

    it('has three examples or more, each of which the command accepts', () => {
      const examples = examplesOf(help);
      assert.ok(examples.length >= 3);
      for (const line of examples) {
        assert.ok(line.startsWith(`tidemark ${name}`), line);
        assertUsable(line);
      }
    });

    it('fits into 80 columns', () => {
      const wide = help.split('\n').filter((line) => line.length > 80);
      assert.deepEqual(wide, []);
    });
  });
}
