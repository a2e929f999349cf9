import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { packageFolder } from '../program/package.js';
import { insertTables, normalizeTables, pageTables } from './page-tables.js';

const pagesOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const pages = [...pagesOf(packageFolder), ...pagesOf(join(packageFolder, 'docs'))];
const textOf = (path: string): string => readFileSync(path, 'utf8');
const nameOf = (path: string): string => relative(packageFolder, path);

for (const [page, tables] of Object.entries(pageTables)) {
  describe(page, () => {
    const text = textOf(join(packageFolder, 'docs', page));
    for (const [name, table] of Object.entries(tables)) {
      it(`has the table "${name}" as the code has it (npm run docs brings it up to date)`, () => {
        const inserted = insertTables(text, { [name]: table });
        assert.equal(normalizeTables(inserted), normalizeTables(text));
      });
    }
  });
}

describe('insertTables()', () => {
  it('replaces what stands between the markers, and nothing else', () => {
    const text = 'a\n<!-- table: t -->\n\nold\n\n<!-- end -->\nz\n';
    assert.equal(
      insertTables(text, { t: '| new |\n' }),
      'a\n<!-- table: t -->\n\n| new |\n\n<!-- end -->\nz\n',
    );
  });

  it('refuses a page without a place for a table', () => {
    assert.throws(() => insertTables('', { t: '' }), /no place for the table t/);
  });
});

/** Anchors of a page, as its host makes them of the headings. */
function anchorsOf(text: string): Set<string> {
  const headings = withoutCode(text).matchAll(/^#{1,6} (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    ),
  );
}

const withoutCode = (text: string): string => text.replaceAll(/^```[^]*?^```/gm, '');

/** Targets of the links of a page, without those to other sites. */
function linksOf(path: string): string[] {
  return [...withoutCode(textOf(path)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^\w+:/.test(target));
}

describe('links', () => {
  for (const page of pages) {
    it(`of ${nameOf(page)} lead to files and headings that are there`, () => {
      for (const link of linksOf(page)) {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? page : resolve(dirname(page), file);
        assert.ok(existsSync(target), `${link} leads nowhere`);
        if (anchor === undefined) continue;
        assert.ok(anchorsOf(textOf(target)).has(anchor), `${link} names no heading`);
      }
    });
  }

  it('reach every page of docs/ from the README in two steps', () => {
    const step = (from: readonly string[]): string[] =>
      from.flatMap((page) =>
        linksOf(page)
          .map((link) => resolve(dirname(page), link.split('#')[0] ?? ''))
          .filter((target) => target.endsWith('.md')),
      );
    const first = step([join(packageFolder, 'README.md')]);
    const reached = new Set([...first, ...step(first)]);
    const missing = pagesOf(join(packageFolder, 'docs')).filter((page) => !reached.has(page));
    assert.deepEqual(missing.map(nameOf), []);
  });
});

describe('README.md', () => {
  it('has a screen and a half: 120 lines and 9 KB at most', () => {
    const text = textOf(join(packageFolder, 'README.md'));
    assert.ok(text.split('\n').length <= 121, `${text.split('\n').length} lines`);
    assert.ok(Buffer.byteLength(text) <= 9 * 1024, `${Buffer.byteLength(text)} bytes`);
  });
});

describe('tables', () => {
  it('are no wider than 160 characters', () => {
    for (const page of pages) {
      const wide = withoutCode(textOf(page))
        .split('\n')
        .filter((line) => line.startsWith('|') && line.length > 160);
      assert.deepEqual(wide, [], nameOf(page));
    }
  });
});
