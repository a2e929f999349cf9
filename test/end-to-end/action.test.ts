/** What can be seen of the action without installing Tidemark; what it does with it is in package.test.ts. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type ActionEnd, readAction, runAction } from './action-steps.js';

const work = mkdtempSync(join(tmpdir(), 'tidemark-action-'));
after(() => {
  rmSync(work, { recursive: true });
});

/** A clone whose bench writes down its arguments, and what a run of it leaves. */
function createClone(status: number): string {
  const clone = mkdtempSync(join(work, 'clone-'));
  const names = { name: 'tidemark', version: '0.0.0' };
  writeFileSync(join(clone, 'package.json'), JSON.stringify(names));
  const packages = { '': names };
  const lock = { ...names, lockfileVersion: 3, packages };
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify(lock));
  const bench = `
const fs = require('node:fs');
const out = process.argv.find((word) => word.startsWith('--out=')).slice(6);
fs.mkdirSync(out, { recursive: true });
fs.writeFileSync('arguments.json', JSON.stringify(process.argv.slice(2)));
fs.writeFileSync(out + '/summary.json', '{"verdict":"released","bytes_per_connection":1234.5}');
process.exit(${status});
`;
  const build = `
import { mkdirSync, writeFileSync } from 'node:fs';
if (process.argv[2] !== 'package') process.exit(9);
mkdirSync(import.meta.dirname + '/dist');
writeFileSync(import.meta.dirname + '/dist/tidemark.js', ${JSON.stringify(bench)});
`;
  writeFileSync(join(clone, 'build.js'), build);
  writeFileSync(join(clone, 'README.md'), '');
  return clone;
}

function run(
  status: number,
  inputs: Readonly<Record<string, string>>,
): ActionEnd & { readonly words: readonly string[]; readonly workspace: string } {
  const workspace = mkdtempSync(join(work, 'workspace-'));
  const end = runAction(workspace, inputs, createClone(status));
  const words = JSON.parse(readFileSync(join(workspace, 'arguments.json'), 'utf8')) as string[];
  return { ...end, words, workspace };
}

describe('action.yml', () => {
  it('puts no input into the text of a script, where it would be run', () => {
    for (const { run: script = '', shell, uses } of readAction().runs.steps) {
      assert.doesNotMatch(script, /\$\{\{/);
      assert.equal(shell, uses === undefined ? 'bash' : undefined);
      if (uses !== undefined) assert.match(uses, /@[0-9a-f]{40}$/);
    }
  });

  it('hands on what it is given, word by word, whatever stands in it', () => {
    const nasty = `node "a b.js" $(touch pwned) \`touch pwned\`; touch pwned '`;
    const { words, outputs, isFailed, log } = run(0, {
      command: nasty,
      url: 'ws://127.0.0.1:1',
      assert: 'bytes_per_connection<20KiB\nverdict!=growing',
      args: '--header=A: 1 2\n--waves=2',
      out: 'a folder',
    });
    assert.equal(isFailed, false, log);
    assert.deepEqual(
      words.filter((word) => !word.startsWith('--summary-md=')),
      [
        'bench',
        '--quiet',
        `--exec=${nasty}`,
        '--url=ws://127.0.0.1:1',
        '--connections=2000',
        '--out=a folder',
        '--junit=tidemark.xml',
        '--assert=bytes_per_connection<20KiB',
        '--assert=verdict!=growing',
        '--header=A: 1 2',
        '--waves=2',
      ],
    );
    assert.deepEqual(outputs, {
      verdict: 'released',
      bytes_per_connection: '1234.5',
      folder: 'a folder',
    });
  });

  it('fails as the bench does, and keeps the results all the same', () => {
    const { isFailed, outputs, called } = run(3, { command: 'x', url: 'ws://127.0.0.1:1' });
    assert.equal(isFailed, true);
    assert.equal(outputs['verdict'], 'released');
    assert.equal(called.length, 1);
  });

  it('does not take the verdict of an earlier run for its own', () => {
    const workspace = mkdtempSync(join(work, 'workspace-'));
    mkdirSync(join(workspace, 'tidemark-run'));
    writeFileSync(join(workspace, 'tidemark-run', 'summary.json'), '{"verdict":"released"}');
    const inputs = { command: 'x', url: 'ws://127.0.0.1:1' };
    const { isFailed, outputs, log, called } = runAction(workspace, inputs, createClone(0));
    assert.equal(isFailed, true);
    assert.match(log, /::error::tidemark-run is not empty/);
    assert.deepEqual([outputs['verdict'], called], ['', []]);
  });
});
