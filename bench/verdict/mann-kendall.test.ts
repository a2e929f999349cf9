import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { probabilityOfRise } from './mann-kendall.js';

const near = (actual: number, expected: number, tolerance = 1e-9): void => {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
};

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

  it('takes equal values for no rise', () => {
    // S = 0: half of the orders and those in the middle.
    near(probabilityOfRise([5, 5, 5, 5]), 15 / 24);
  });

  it('goes over into the normal distribution without a step', () => {
    const rising = (length: number): number[] =>
      Array.from({ length }, (_, index) => (index % 3 === 0 ? -index : index));
    const exact = probabilityOfRise(rising(20));
    const normal = probabilityOfRise([...rising(20), 0].slice(0, 21));
    assert.ok(Math.abs(exact - normal) < 0.1, `${exact} and ${normal}`);
  });
});
