import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heapBallast } from './heap-ballast.js';
import { NativeLeak } from './native-leak.js';
import { SlotPool } from './slot-pool.js';

describe('SlotPool', () => {
  const mebibyte = 1024 * 1024;

  it('uses places again before it grows, and lets empty chunks go', () => {
    // 33 fit into a chunk.
    const pool = new SlotPool(mebibyte);
    const slots = Array.from({ length: 34 }, () => pool.take());
    assert.equal(pool.chunks, 2);
    assert.deepEqual(
      slots.map(({ index }) => index),
      [...Array.from({ length: 33 }, (_, index) => index), 0],
    );
    for (const slot of slots.slice(0, 33)) pool.giveBack(slot);
    pool.shrink();
    assert.equal(pool.chunks, 1);
    pool.take();
    assert.equal(pool.chunks, 1);
    pool.giveBack(slots[33] ?? pool.take());
  });

  it('writes to all of a slot and to nothing else', () => {
    const pool = new SlotPool(16);
    const { chunk } = pool.take();
    assert.equal(chunk.memory.filter((byte) => byte === 1).length, 16);
  });
});

describe('NativeLeak', () => {
  it('leaks byte after byte', () => {
    const leak = new NativeLeak();
    for (let count = 0; count < 1000; count++) leak.leak(200);
    assert.equal(leak.leakedBytes, 200_000);
  });
});

describe('heapBallast()', () => {
  it('takes what it says of the JS heap, by its length', () => {
    assert.equal(heapBallast(200).length, 184);
    assert.notEqual(heapBallast(8), '');
  });
});
