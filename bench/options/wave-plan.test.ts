import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waveSize } from './wave-plan.js';

describe('waveSize()', () => {
  const sizesOf = (connections: number, waves: number | 'auto' = 'auto'): number[] =>
    [1, 2, 3, 4, 5].map((wave) => waveSize(waves, connections, wave));

  it('is all at first, then primes a little below', () => {
    assert.deepEqual(sizesOf(10_000), [10_000, 9887, 9791, 9697, 9887]);
    assert.deepEqual(sizesOf(1_000_000).slice(1, 4), [989_999, 979_987, 969_989]);
    assert.deepEqual(sizesOf(200).slice(1, 4), [197, 193, 193]);
  });

  it('is what was asked for where the waves are counted, or small', () => {
    assert.deepEqual(sizesOf(10_000, 5), [10_000, 10_000, 10_000, 10_000, 10_000]);
    assert.deepEqual(sizesOf(3), [3, 3, 3, 3, 3]);
  });
});
