import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Argument, Command } from 'commander';
import { addOptions, choiceOption, option, switchOption } from '../option-table.js';
import { completionTree, type Expected } from './tree.js';

function textOption(argument: string, choices?: readonly string[]) {
  return option<string>({
    group: 'Load',
    argument,
    summary: 'a text; more',
    parse: (text) => text,
    default: '',
    ...(choices && { choices }),
  });
}

function treeOf(add: (command: Command) => void) {
  const program = new Command('tidemark');
  const command = program.command('try').description('Tries it: all of it.');
  add(command);
  const tree = completionTree(program);
  const known = tree.commands.find(({ name }) => name === 'try');
  assert.ok(known !== undefined);
  return { tree, known };
}

describe('completionTree()', () => {
  it('has the commands and flags that the help shows, in short', () => {
    const { tree, known } = treeOf((command) => {
      addOptions(command, {
        maxRest: { ...textOption('N'), camelCaseAlias: true, aliases: ['--rest-max'] },
        json: {
          ...switchOption('Output', 'print JSON (default: text)'),
          negation: { summary: 'print text', value: false },
        },
      });
    });
    assert.equal(tree.program, 'tidemark');
    assert.deepEqual(
      tree.commands.map(({ name }) => name),
      ['try', 'help'],
    );
    assert.equal(known.summary, 'Tries it');
    assert.deepEqual(known.flags, [
      {
        forms: ['--max-rest'],
        summary: 'a text',
        value: { name: 'N', expected: { kind: 'any' } },
      },
      { forms: ['--json'], summary: 'print JSON', value: undefined },
      { forms: ['--no-json'], summary: 'print text', value: undefined },
      { forms: ['-h', '--help'], summary: 'display help for command', value: undefined },
    ]);
  });

  const word = (...words: readonly string[]): Expected => ({ kind: 'word', words });
  const cases: readonly (readonly [argument: string, expected: Expected])[] = [
    ['N', { kind: 'any' }],
    ['N|auto', word('auto')],
    ['A,B,C|auto', word('auto')],
    ['even|in-turn', word('even', 'in-turn')],
    ['paused|slow:SIZE/s', word('paused')],
    ['D|exp:D|uniform:A-B', { kind: 'any' }],
    ['TEXT|@FILE', { kind: 'any' }],
    ['FILE', { kind: 'file' }],
    ['PATH', { kind: 'file' }],
    ['DIR', { kind: 'folder' }],
    ['RUN', { kind: 'run' }],
  ];
  for (const [argument, expected] of cases) {
    it(`expects ${JSON.stringify(expected)} for ${argument}`, () => {
      const { known } = treeOf((command) => {
        addOptions(command, { it: textOption(argument) });
      });
      assert.deepEqual(known.flags[0]?.value, { name: argument, expected });
    });
  }

  it('expects the choices of an option before all else', () => {
    const { known } = treeOf((command) => {
      addOptions(command, {
        named: textOption('FILE', ['a', 'b']),
        chosen: choiceOption<'c' | 'd'>({
          group: 'Load',
          summary: 'one',
          choices: ['c', 'd'],
          default: 'c',
        }),
      });
    });
    assert.deepEqual(
      known.flags.slice(0, 2).map(({ value }) => value),
      [
        { name: 'FILE', expected: word('a', 'b') },
        { name: 'c|d', expected: word('c', 'd') },
      ],
    );
  });

  it('has the operands of a command, with what each is', () => {
    const { known } = treeOf((command) => {
      command
        .argument('<run>', 'one')
        .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
        .argument('<other-runs...>', 'more');
    });
    assert.deepEqual(known.operands, [
      { name: 'run', expected: { kind: 'run' }, repeats: false },
      { name: 'shell', expected: word('bash', 'zsh'), repeats: false },
      { name: 'other-runs', expected: { kind: 'run' }, repeats: true },
    ]);
  });
});
