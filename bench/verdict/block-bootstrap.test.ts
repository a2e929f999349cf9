import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blockBootstrap } from './block-bootstrap.js';

/** Rates of waves of 1,000 connections each. */
function interval(...rates: readonly number[]) {
  return blockBootstrap(rates.map((rate) => ({ amount: rate * 1000, per: 1000 })));
}

describe('blockBootstrap()', () => {
  it('holds the mean, and is narrow where all are alike', () => {
    assert.deepEqual(interval(7, 7, 7, 7, 7, 7), { low: 7, high: 7 });
    const { low, high } = interval(198, 202, 201, 199, 200, 203, 197, 200);
    assert.ok(low > 197 && low < 200 && high > 200 && high < 203, `${low} to ${high}`);
  });

  it('is wider where neighbours are alike than where they take turns', () => {
    const width = (...rates: readonly number[]): number => {
      const { low, high } = interval(...rates);
      return high - low;
    };
    const together = width(1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9);
    const inTurn = width(1, 9, 1, 9, 1, 9, 1, 9, 1, 9, 1, 9);
    assert.ok(together > 2 * inTurn, `${together} is not wider than ${inTurn}`);
  });

  it('spans all rates where there are few, weighs by the connections, and goes without empty waves', () => {
    assert.deepEqual(interval(3, 1, 2), { low: 1, high: 3 });
    assert.deepEqual(
      blockBootstrap([
        { amount: 10, per: 5 },
        { amount: 10, per: 0 },
        { amount: 9, per: 3 },
      ]),
      { low: 2, high: 3 },
    );
  });

  it('is always the same', () => {
    const rates = [3, 1, 4, 1, 5, 9, 2, 6];
    assert.deepEqual(interval(...rates), interval(...rates));
  });
});
