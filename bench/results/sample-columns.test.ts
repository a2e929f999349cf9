import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ColumnTable, sampleColumns, workerColumns } from './sample-columns.js';

function textColumns(table: ColumnTable): string[] {
  return Object.keys(table).filter((name) => table[name]?.type === 'text');
}

describe('the columns', () => {
  it('hold no text but our own words: a spreadsheet runs what begins with =, +, - or @', () => {
    assert.deepEqual(textColumns(sampleColumns), ['phase']);
    assert.deepEqual(textColumns(workerColumns), ['phase', 'role']);
  });
});
