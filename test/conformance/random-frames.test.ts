import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RandomFrames } from './random-frames.js';

const take = (seed: number, count: number): Buffer[] => {
  const random = new RandomFrames(seed);
  return Array.from({ length: count }, () => random.next());
};

describe('RandomFrames', () => {
  it('makes the same frames from the same seed, and others from another', () => {
    assert.deepEqual(take(1, 500), take(1, 500));
    assert.notDeepEqual(take(1, 500), take(2, 500));
  });

  it('makes frames of every opcode, and with every reserved bit', () => {
    const heads = take(3, 50_000).flatMap((frame) => frame.subarray(0, 1)[0] ?? []);
    assert.equal(new Set(heads.map((head) => head & 15)).size, 16);
    assert.equal(new Set(heads.map((head) => (head >> 4) & 7)).size, 8);
  });
});
