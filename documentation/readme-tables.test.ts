import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { insertTables, normalizeTables, readmeTables } from './readme-tables.js';
import { packageFolder } from '../options/package.js';

const readme = readFileSync(join(packageFolder, 'README.md'), 'utf8');

describe('README.md', () => {
  for (const [name, table] of Object.entries(readmeTables)) {
    it(`has the table "${name}" as the code has it (npm run docs brings it up to date)`, () => {
      const inserted = insertTables(readme, { [name]: table });
      assert.equal(normalizeTables(inserted), normalizeTables(readme));
    });
  }
});

describe('insertTables()', () => {
  it('replaces what stands between the markers, and nothing else', () => {
    const text = 'a\n<!-- table: t -->\n\nold\n\n<!-- end -->\nz\n';
    assert.equal(
      insertTables(text, { t: '| new |\n' }),
      'a\n<!-- table: t -->\n\n| new |\n\n<!-- end -->\nz\n',
    );
  });

  it('refuses a README without a place for a table', () => {
    assert.throws(() => insertTables('', { t: '' }), /no place for the table t/);
  });
});
