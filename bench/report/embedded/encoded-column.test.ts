import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeColumn, encodeColumn } from './encoded-column.js';

describe('encodeColumn()', () => {
  it('writes pages as small differences', () => {
    assert.deepEqual(encodeColumn([40_960, 45_056, undefined, 45_056, 36_864]), {
      step: 4096,
      divisor: 1,
      deltas: [10, 1, null, 0, -2],
    });
  });

  it('keeps three decimals', () => {
    assert.deepEqual(encodeColumn([0.5, 1.002]), { step: 2, divisor: 1000, deltas: [250, 251] });
  });

  it('writes a column without a value', () => {
    assert.deepEqual(encodeColumn([undefined, null]), {
      step: 1,
      divisor: 1,
      deltas: [null, null],
    });
  });
});

describe('decodeColumn()', () => {
  it('gives back whole numbers and numbers of three decimals exactly', () => {
    const bytes = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
    const seconds = fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((each) => each / 1000);
    for (const value of [bytes, seconds]) {
      fc.assert(
        fc.property(fc.array(fc.option(value)), (values) => {
          assert.deepEqual(decodeColumn(encodeColumn(values)), values);
        }),
      );
    }
  });
});
