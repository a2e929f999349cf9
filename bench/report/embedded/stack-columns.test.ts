import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stackColumns } from './stack-columns.js';

describe('stackColumns()', () => {
  it('puts each column on those before it', () => {
    assert.deepEqual(
      stackColumns([
        [1, 2],
        [10, 20],
        [100, 200],
      ]),
      [
        [1, 2],
        [11, 22],
        [111, 222],
      ],
    );
  });

  it('gives a hidden column no room', () => {
    assert.deepEqual(stackColumns([[1], undefined, [100]]), [[1], [null], [101]]);
  });

  it('has a gap only where nothing is known, and takes missing and negative values for 0', () => {
    assert.deepEqual(
      stackColumns([
        [1, null, null],
        [-5, 20, null],
        [100, 200, null],
      ]),
      [
        [1, 0, null],
        [1, 20, null],
        [101, 220, null],
      ],
    );
  });
});
