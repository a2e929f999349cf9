import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatConformance } from './conformance-table.js';

describe('formatConformance()', () => {
  it('has a row for each case, and counts', () => {
    const table = formatConformance(
      ['uws', 'ws'],
      [
        { section: '5.1', name: 'one', results: [{ kind: 'pass' }, { kind: 'cut' }] },
        {
          section: '5.2',
          name: 'two',
          results: [{ kind: 'fail', why: 'no echo' }, { kind: 'cut' }],
        },
      ],
    );
    assert.deepEqual(table.split('\n').slice(2), [
      '| 5.1 | one | pass | cut |',
      '| 5.2 | two | **fail**: no echo | cut |',
      '|  | 2 cases | 1 pass, 0 cut, 1 fail | 0 pass, 2 cut, 0 fail |',
    ]);
  });
});
