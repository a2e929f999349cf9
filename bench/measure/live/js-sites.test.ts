import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { AllocationNode } from '../../../machine/v8.js';
import { JsSites } from './js-sites.js';

const agent = 'file:///opt/tidemark/agent.js';

function node(
  functionName: string,
  url: string,
  lineNumber: number,
  selfSize: number,
  ...children: AllocationNode[]
): AllocationNode {
  const callFrame = { functionName, scriptId: '1', url, lineNumber, columnNumber: 0 };
  return { callFrame, selfSize, children };
}

/** A profile as V8 makes it: its head is no function. */
function sum(...children: AllocationNode[]): Record<string, number> {
  const sites = new JsSites(agent).sum([node('(root)', '', -1, 0, ...children)]);
  return Object.fromEntries(sites);
}

function createFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-sites-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Maps line 3 of a compiled file to line 8 of `chat.ts`. */
const map = {
  version: 3,
  sources: ['../src/chat.ts'],
  names: [],
  mappings: ';;AAOA',
};

describe('JsSites', () => {
  it('names files of packages from their name on, and the program’s as they lie', () => {
    const modules = '/srv/app/node_modules';
    const ws = `${modules}/ws/lib/receiver.js`;
    const nested = `file://${modules}/a/node_modules/@scope/b/index.js`;
    const sites = sum(
      node('onUpgrade', '/srv/app/server.cjs', 11, 10, node('Receiver', ws, 50, 400)),
      node('make', nested, 0, 70),
      node('', `file://${process.cwd()}/lib/own.mjs`, 4, 30),
    );
    assert.deepEqual(sites, {
      'onUpgrade /srv/app/server.cjs:12': 10,
      'Receiver ws/lib/receiver.js:51 < onUpgrade /srv/app/server.cjs:12': 400,
      'make @scope/b/index.js:1': 70,
      'lib/own.mjs:5': 30,
    });
  });

  it('adds up stacks that differ only in what is not told', () => {
    const leaf = (): AllocationNode => node('keep', '/srv/server.js', 1, 100);
    const sites = sum(
      node('emit', 'node:events', 1, 0, leaf()),
      node('go', 'node:x', 2, 0, leaf()),
    );
    assert.deepEqual(sites, { 'keep /srv/server.js:2': 200 });
  });

  it('leaves out what the agent has allocated, or had allocated', () => {
    const sites = sum(
      node('answer', agent, 30, 500, node('stringify', '', -1, 900)),
      node('keep', '/srv/server.js', 1, 100),
    );
    assert.deepEqual(sites, { 'keep /srv/server.js:2': 100 });
  });

  it('names the source that a map tells of, beside the file or in it', (t) => {
    const folder = createFolder(t);
    const json = JSON.stringify(map);
    const beside = join(folder, 'beside.js');
    writeFileSync(beside, '\n\nfunction keep() {}\n//# sourceMappingURL=chat.js.map\n');
    writeFileSync(join(folder, 'chat.js.map'), json);
    const inline = join(folder, 'inline.js');
    const encoded = Buffer.from(json).toString('base64');
    writeFileSync(
      inline,
      `\n\nfunction keep() {}\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,${encoded}\n`,
    );
    const source = join(folder, '../src/chat.ts');
    assert.deepEqual(sum(node('keep', beside, 2, 1), node('keep', inline, 2, 2)), {
      [`keep ${source}:8`]: 3,
    });
  });

  it('names the compiled file where its map is missing or broken', (t) => {
    const folder = createFolder(t);
    const missing = join(folder, 'missing.js');
    writeFileSync(missing, '//# sourceMappingURL=nowhere.map\n');
    const broken = join(folder, 'broken.js');
    writeFileSync(broken, '//# sourceMappingURL=broken.map\n');
    writeFileSync(join(folder, 'broken.map'), '{');
    assert.deepEqual(sum(node('keep', missing, 2, 1), node('keep', broken, 2, 2)), {
      [`keep ${missing}:3`]: 1,
      [`keep ${broken}:3`]: 2,
    });
  });
});
