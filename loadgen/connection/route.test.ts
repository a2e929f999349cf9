import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DialTarget, type Route, targetIndexOf } from './route.js';

const target = {} as DialTarget;

function indices(spread: Route['spread'], connections: number, from: number, to: number): number[] {
  const route: Route = { targets: [target, target, target], spread, connections };
  return Array.from({ length: to - from }, (_, index) => targetIndexOf(route, from + index));
}

describe('targetIndexOf()', () => {
  it('deals out even shares', () => {
    assert.deepEqual(indices('even', 7, 0, 7), [0, 1, 2, 0, 1, 2, 0]);
  });

  it('fills one after the other, and again with churn', () => {
    assert.deepEqual(indices('in-turn', 7, 0, 7), [0, 0, 0, 1, 1, 2, 2]);
    assert.deepEqual(indices('in-turn', 7, 7, 14), [0, 0, 0, 1, 1, 2, 2]);
  });
});
