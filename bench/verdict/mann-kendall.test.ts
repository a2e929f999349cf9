import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { probabilityOfRise } from './mann-kendall.js';

const near = (actual: number, expected: number, tolerance = 1e-9): void => {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
};

const scoreOf = (values: readonly number[]): number =>
  values.reduce(
    (score, value, index) =>
      values.slice(index + 1).reduce((sum, later) => sum + Math.sign(later - value), score),
    0,
  );

function ordersOf(values: readonly number[]): number[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, index) =>
    ordersOf(values.toSpliced(index, 1)).map((rest) => [value, ...rest]),
  );
}

describe('probabilityOfRise()', () => {
  it('agrees with counting the orders', () => {
    near(probabilityOfRise([1, 2, 3, 4]), 1 / 24);
    near(probabilityOfRise([1, 2, 4, 3]), 4 / 24);
    near(probabilityOfRise([4, 3, 2, 1]), 1);
    near(probabilityOfRise([1, 2, 3]), 1 / 6);
  });

  it('agrees with the published table for eight values', () => {
    // S = 16: two neighbours of eight, twice three pairs the wrong way round (Hollander and Wolfe, table A.21: 0.031).
    near(probabilityOfRise([4, 3, 2, 1, 5, 6, 7, 8]), 0.031, 0.0005);
  });

  it('agrees with counting the orders where values are equal', () => {
    // 4! / 2! orders, of which one rises throughout; 5! / (2! 2!) of the others.
    near(probabilityOfRise([1, 2, 2, 3]), 1 / 12);
    near(probabilityOfRise([1, 1, 2, 3, 3]), 1 / 30);
    // Of the three orders of 1, 1, 2 two rise in one pair or more.
    near(probabilityOfRise([1, 2, 1]), 2 / 3);
    near(probabilityOfRise([5, 5, 5, 5]), 1);
  });

  it('agrees with trying every order', () => {
    const valuesOf = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(valuesOf, (values) => {
        const wanted = scoreOf(values);
        const scores = ordersOf(values).map(scoreOf);
        near(
          probabilityOfRise(values),
          scores.filter((score) => score >= wanted).length / scores.length,
        );
      }),
      { numRuns: 100 },
    );
  });

  it('goes over into the normal distribution without a step', () => {
    for (const step of [1, 2, 3, 5, 7]) {
      const values = Array.from({ length: 20 }, (_, index) => (index * step) % 11);
      near(probabilityOfRise(values), probabilityOfRise(values, 0), 0.003);
    }
  });
});
