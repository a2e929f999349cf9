import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blocksOf, itemOf, shareOf, slotOf } from './shares.js';

describe('shareOf()', () => {
  it('gives the remainder to the first slots', () => {
    const shares = [0, 1, 2, 3].map((index) => shareOf(22, { index, stride: 4 }));
    assert.deepEqual(shares, [6, 6, 5, 5]);
  });

  it('gives nothing to slots beyond the total', () => {
    assert.equal(shareOf(2, { index: 3, stride: 4 }), 0);
  });
});

describe('blocksOf()', () => {
  it('has one block of processes after the other at work', () => {
    const blocks = blocksOf(10, { index: 0, count: 1 }, 4, 2);
    // Items 0 to 4 go to the first two processes in turn, 5 to 9 to the other two.
    assert.deepEqual(blocks, [
      { index: 0, stride: 2, count: 3 },
      { index: 1, stride: 2, count: 2 },
      { index: 5, stride: 2, count: 3 },
      { index: 6, stride: 2, count: 2 },
    ]);
  });

  it('deals every item to exactly one process of one shard, and to none more than an even share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        (total, count, processes, atOnce) => {
          const items: number[] = [];
          for (let index = 0; index < count; index++) {
            const inShard = shareOf(total, { index, stride: count });
            for (const block of blocksOf(total, { index, count }, processes, atOnce)) {
              assert.ok(block.count <= Math.ceil(inShard / processes));
              for (let k = 0; k < block.count; k++) items.push(itemOf(block, k));
            }
          }
          items.sort((a, b) => a - b);
          assert.deepEqual(
            items,
            Array.from({ length: total }, (_, item) => item),
          );
        },
      ),
    );
  });
});

describe('slotOf()', () => {
  it('deals every item to exactly one process of one shard', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        (total, count, processes) => {
          const items: number[] = [];
          for (let index = 0; index < count; index++) {
            for (let process = 0; process < processes; process++) {
              const slot = slotOf({ index, count }, process, processes);
              for (let k = 0; k < shareOf(total, slot); k++) items.push(itemOf(slot, k));
            }
          }
          items.sort((a, b) => a - b);
          assert.deepEqual(
            items,
            Array.from({ length: total }, (_, item) => item),
          );
        },
      ),
    );
  });
});
