import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findNearestName } from './nearest-name.js';

describe('findNearestName()', () => {
  for (const [wanted, nearest] of [
    ['verdikt', 'verdict'],
    ['verdict', 'verdict'],
    ['conect_erors', 'connect_errors'],
    ['x', undefined],
    ['something_else', undefined],
  ] as const) {
    it(`of ${wanted} is ${String(nearest)}`, () => {
      assert.equal(findNearestName(wanted, ['verdict', 'verdicts', 'connect_errors']), nearest);
    });
  }
});
