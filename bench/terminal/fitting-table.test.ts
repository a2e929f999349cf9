import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { drawTable } from './fitting-table.js';

const floors = {
  head: ['floor after', 'RSS', 'JS heap'],
  rows: [
    ['baseline', '157 MiB', '17.2 MiB'],
    ['wave 1', '171 MiB', '–'],
  ],
};

describe('drawTable()', () => {
  it('draws one table where it fits', () => {
    const drawn = [
      '┌─────────────┬─────────┬──────────┐',
      '│ floor after │     RSS │  JS heap │',
      '├─────────────┼─────────┼──────────┤',
      '│ baseline    │ 157 MiB │ 17.2 MiB │',
      '│ wave 1      │ 171 MiB │        – │',
      '└─────────────┴─────────┴──────────┘',
    ].join('\n');
    assert.equal(drawTable(floors, Infinity), drawn);
    assert.equal(drawTable(floors, 36), drawn);
  });

  it('divides it where it does not, with the first column in each part', () => {
    assert.equal(
      drawTable(floors, 35),
      [
        '┌─────────────┬─────────┐',
        '│ floor after │     RSS │',
        '├─────────────┼─────────┤',
        '│ baseline    │ 157 MiB │',
        '│ wave 1      │ 171 MiB │',
        '└─────────────┴─────────┘',
        '┌─────────────┬──────────┐',
        '│ floor after │  JS heap │',
        '├─────────────┼──────────┤',
        '│ baseline    │ 17.2 MiB │',
        '│ wave 1      │        – │',
        '└─────────────┴──────────┘',
      ].join('\n'),
    );
  });

  it('is never wider than asked, unless two columns are, and leaves out no cell', () => {
    const cell = fc.constantFrom('', '–', '1', 'twelve chars', '1.46 KiB');
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 2, maxLength: 12 }),
        fc.integer({ min: 33, max: 200 }),
        (row, width) => {
          const head = row.map((_, index) => `c${index}`);
          const lines = drawTable({ head, rows: [row] }, width).split('\n');
          assert.ok(lines.every((line) => stringWidth(line) <= width));
          const cellsOf = (first: string): string[] =>
            lines
              .filter((_, index) => lines[index + (first === 'head' ? 1 : -1)]?.startsWith('├'))
              .flatMap((line) => line.split('│').slice(2, -1))
              .map((text) => text.trim());
          assert.deepEqual(cellsOf('head'), head.slice(1));
          assert.deepEqual(cellsOf('row'), row.slice(1));
        },
      ),
    );
  });
});
