import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { packageFolder } from '../program/package.js';

/** What crosses the two borders between processes on the way, in the order in which they are crossed. */
const borders = ['loadgen/plan/messages.ts', 'loadgen/report/report-lines.ts'];

const text = readFileSync(join(packageFolder, 'docs', 'architecture.md'), 'utf8');
const way = [...text.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, file = '']) => file);

/** Returns the modules that a source file imports, as paths of source files. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(packageFolder, file), 'utf8');
  return [...source.matchAll(/from '(\.[^']+)\.js'/g)].map(([, path = '']) =>
    normalize(`${join(dirname(file), path)}.ts`),
  );
}

describe('architecture.md', () => {
  it('names files that exist', () => {
    const named = [...text.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file = '']) => file);
    assert.ok(named.length > 16);
    for (const file of named) assert.ok(existsSync(join(packageFolder, file)), `${file} is gone`);
  });

  it('tells the way of a greeting, on which each file imports the next or is imported by it, or sends to it', () => {
    assert.equal(new Set(way).size, 16);
    const crossed: string[] = [];
    for (const [index, file] of way.slice(0, -1).entries()) {
      const next = way[index + 1] ?? '';
      const [own, its] = [importsOf(file), importsOf(next)];
      if (own.includes(next) || its.includes(file)) continue;
      const border = borders.find((each) => own.includes(each) && its.includes(each));
      assert.ok(border !== undefined, `${file} has nothing to do with ${next}`);
      crossed.push(border);
    }
    assert.deepEqual(crossed, borders);
  });
});

describe('the folders of the sources', () => {
  it('don’t import each other both ways', () => {
    const ways = new Map<string, string>();
    for (const folder of ['program', 'machine', 'server', 'loadgen', 'bench']) {
      for (const name of readdirSync(join(packageFolder, folder), { recursive: true })) {
        const file = join(folder, String(name));
        if (!/(?<!\.test|\.d)\.ts$/.test(file)) continue;
        for (const imported of importsOf(file))
          ways.set(`${dirname(file)} ${dirname(imported)}`, file);
      }
    }
    const both = [...ways].flatMap(([way, file]) => {
      const [from = '', to = ''] = way.split(' ');
      const back = ways.get(`${to} ${from}`);
      return from === to || back === undefined ? [] : [`${file} and ${back}`];
    });
    assert.ok(ways.size > 40);
    assert.deepEqual(both, []);
  });
});
