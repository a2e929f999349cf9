import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SlotPool } from './slot-pool.js';

const mebibyte = 1024 * 1024;

describe('SlotPool', () => {
  it('takes another slab only when one is full, and gives an empty one back', () => {
    // 33 slots of 1 MiB make a slab.
    const pool = new SlotPool(mebibyte);
    const slots = Array.from({ length: 34 }, () => pool.take());
    assert.equal(new Set(slots).size, 34);
    assert.equal(pool.slabs, 2);
    for (const slot of slots.slice(0, 33)) pool.giveBack(slot);
    assert.equal(pool.slabs, 1);
    pool.giveBack(slots[33] ?? NaN);
    assert.equal(pool.slabs, 0);
  });

  it('puts nothing new between slots that wait to be given back', () => {
    const pool = new SlotPool(mebibyte);
    const wave = (): number[] => Array.from({ length: 33 }, () => pool.take());
    const first = wave();
    for (const slot of first.splice(0, 16)) pool.giveBack(slot);
    wave();
    assert.equal(pool.slabs, 2);
    for (const slot of first) pool.giveBack(slot);
    assert.equal(pool.slabs, 1);
  });

  it('refuses a slot of no slab', () => {
    assert.throws(() => {
      new SlotPool(10_240).giveBack(7);
    }, /Cannot give back slot 7: it is not taken/);
  });

  it('never hands a slot out twice, and is empty when all have come back', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { maxLength: 100 }), (steps) => {
        const pool = new SlotPool(8 * mebibyte);
        const taken: number[] = [];
        for (const step of steps) {
          const [given] = step % 2 === 0 ? [] : taken.splice(step % (taken.length + 1), 1);
          if (given !== undefined) pool.giveBack(given);
          else if (taken.length < 12) taken.push(pool.take());
        }
        assert.equal(new Set(taken).size, taken.length);
        for (const slot of taken) pool.giveBack(slot);
        assert.equal(pool.slabs, 0);
      }),
      { numRuns: 20 },
    );
  });
});
