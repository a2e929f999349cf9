/** What real shells offer after the script of `tidemark completion` has been loaded. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Argument, Command, Option } from 'commander';
import { bundledTargets } from '../../bench/targets/target.js';
import { completionWriters } from '../../program/completion/command.js';
import { completionTree } from '../../program/completion/tree.js';
import { assertOneLine, isMissing, runProgram } from './program.js';
import { makeFolder, shells } from './shell-completion.js';

const runs = ['results/one', 'results/two'];

/** What is typed, and all that is offered then. */
const cases: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['tidemark comp', ['compare', 'completion']],
  ['tidemark bench --al', ['--allocator']],
  ['tidemark loadgen ws://127.0.0.1:8080 --spr', ['--spread']],
  ['tidemark loadgen ws://127.0.0.1:8080 --spread ', ['even', 'in-turn']],
  ['tidemark bench --deflate --target ', bundledTargets],
  ['tidemark bench --target=n', ['netty']],
  ['tidemark bench --waves ', ['auto']],
  ['tidemark bench --connections ', []],
  ['tidemark server --tls-cert ce', ['cert.pem']],
  ['tidemark bench --out e', ['empty']],
  ['tidemark bench --out c', []],
  ['tidemark report ', runs],
  ['tidemark report results/t', ['results/two']],
  ['tidemark report --json results/o', ['results/one']],
  ['tidemark report results/one ', []],
  ['tidemark compare results/one results/two ', runs],
  ['tidemark bench --against ', runs],
  ['tidemark completion ', ['bash', 'fish', 'zsh']],
  ['tidemark help ver', ['verdict']],
];

const folder = mkdtempSync(join(tmpdir(), 'tidemark-completion-'));
before(() => {
  makeFolder(folder);
});
after(() => {
  rmSync(folder, { recursive: true });
});

for (const shell of shells) {
  describe(`the completion for ${shell.name}`, () => {
    const script = join(folder, `tidemark.${shell.name}`);
    before(async () => {
      const { lines } = await runProgram('completion', shell.name);
      writeFileSync(script, `${lines.join('\n')}\n`);
    });

    it('is installed by the line that the help names', async (t) => {
      if (isMissing(t, shell.name, shell.name, '--version')) return;
      const { lines } = await runProgram('completion', '--help');
      assert.ok(lines.join('\n').includes(shell.install));
      assert.deepEqual(shell.offers(folder, shell.install, 'tidemark doctor --r'), [
        '--rate',
        '--role',
      ]);
    });

    for (const [line, offered] of cases) {
      it(`offers for "${line}": ${offered.join(', ') || 'nothing'}`, (t) => {
        if (isMissing(t, shell.name, shell.name, '--version')) return;
        const found = shell.offers(folder, `source '${script}'`, line);
        assert.deepEqual([...found].sort(), [...offered].sort());
      });
    }
  });
}

/** What shells give a meaning to. */
const nasty = ["it's", '$HOME', '`id`', 'a:b', '(x)', '[y]', String.raw`back\slash`, '"q"', '*'];

describe('texts with marks of a shell', () => {
  const program = new Command('tidemark');
  program
    .command('nasty')
    .description(nasty.join(' '))
    .addArgument(new Argument('<word>', nasty.join(' ')).choices(nasty))
    .addOption(new Option('--flag <FILE>', nasty.join(' ')))
    .addOption(new Option('--choice <WORD>', nasty.join(' ')).choices(nasty));
  const tree = completionTree(program);
  for (const [name, write] of Object.entries(completionWriters)) {
    it(`stand in the script for ${name} as they are`, (t) => {
      const shell = shells.find((each) => each.name === name);
      assert.ok(shell !== undefined);
      if (isMissing(t, name, name, '--version')) return;
      const script = join(folder, `nasty.${name}`);
      writeFileSync(script, write(tree));
      const offers = (line: string) => [...shell.offers(folder, `source '${script}'`, line)].sort();
      assert.deepEqual(offers('tidemark nas'), ['nasty']);
      assert.deepEqual(offers('tidemark nasty --f'), ['--flag']);
      assert.deepEqual(offers('tidemark nasty --flag ce'), ['cert.pem']);
      assert.deepEqual(offers('tidemark nasty '), [...nasty].sort());
      assert.deepEqual(offers('tidemark nasty --choice '), [...nasty].sort());
    });
  }
});

describe('tidemark completion', () => {
  it('refuses a shell that it does not know, in one line', async () => {
    const { exitStatus, stderr } = await runProgram('completion', 'tcsh');
    assert.equal(exitStatus, 2);
    assertOneLine(stderr, /'tcsh'.*bash, zsh, fish/);
  });
});
