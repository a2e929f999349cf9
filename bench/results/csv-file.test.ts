import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { RunError } from '../../program/failure.js';
import { createCsvFile, formatCsv, formatRow } from './csv-file.js';
import type { ColumnTable } from './sample-columns.js';

const columns = {
  at: { type: 'time', source: '', meaning: '' },
  name: { type: 'text', source: '', meaning: '' },
  bytes: { type: 'integer', source: '', meaning: '' },
  percent: { type: 'decimal', source: '', meaning: '' },
} as const satisfies ColumnTable;

const cases = [
  ['whole and decimal numbers', 1024.4, 12.3456, '1024,12.346'],
  ['no exponent for large or small numbers', 1e15, 0.00001, '1000000000000000,0'],
  ['no trailing zeros', 5, 2.5, '5,2.5'],
  ['negative numbers', -3, -0.5, '-3,-0.5'],
  ['unknown as empty', undefined, undefined, ','],
  ['not a number as empty', NaN, Infinity, ','],
] as const;

describe('formatRow()', () => {
  for (const [name, bytes, percent, expected] of cases) {
    it(`writes ${name}`, () => {
      const row = { at: '2026-01-01T00:00:00.000Z', name: 'hold', bytes, percent };
      assert.equal(formatRow(columns, row), `2026-01-01T00:00:00.000,hold,${expected}\n`);
    });
  }

  it('quotes commas, quotes and line breaks as RFC 4180 says', () => {
    const row = { at: '', name: 'a "b", c\nd', bytes: 1, percent: 2 };
    assert.equal(formatRow(columns, row), ',"a ""b"", c\nd",1,2\n');
  });
});

describe('formatCsv()', () => {
  it('marks what a spreadsheet would run in a text from outside', () => {
    const table = { name: { type: 'foreign text', source: '', meaning: '' } } as const;
    const rows = ['=1+1', '+x', '-x', '@x', 'keep server.js:1', '[B'].map((name) => ({ name }));
    assert.equal(formatCsv(table, rows), "name\n'=1+1\n'+x\n'-x\n'@x\nkeep server.js:1\n[B\n");
  });
});

describe('createCsvFile()', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-csv-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('has every appended row on disk at once, below the header', () => {
    const path = join(folder, 'rows.csv');
    const file = createCsvFile(path, columns);
    file.append([{ at: 'a', name: 'b', bytes: 1, percent: undefined }]);
    assert.equal(readFileSync(path, 'utf8'), 'at,name,bytes,percent\na,b,1,\n');
    file.close();
  });

  it('refuses to overwrite a file, in one line', () => {
    const path = join(folder, 'there.csv');
    writeFileSync(path, 'precious');
    assert.throws(() => createCsvFile(path, columns), RunError);
    assert.equal(readFileSync(path, 'utf8'), 'precious');
  });
});
