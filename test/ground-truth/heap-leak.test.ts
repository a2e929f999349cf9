import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getHeapStatistics } from 'node:v8';
import { collectGarbage } from '../../machine/v8.js';
import { heapBallast, largestBallastBytes } from './heap-ballast.js';
import { HeapLeak } from './heap-leak.js';

/** Live bytes on the JS heap. */
async function heapBytes(): Promise<number> {
  // What the first collection finds dead may hold more that only the second finds.
  await collectGarbage();
  await collectGarbage();
  return getHeapStatistics().used_heap_size;
}

describe('HeapLeak', () => {
  for (const bytes of [200, 1024]) {
    it(`takes ${bytes} B of the JS heap per piece, within 3 %`, async () => {
      const leak = new HeapLeak();
      const leakMany = (): void => {
        for (let count = 0; count < 50_000; count++) leak.leak(bytes);
      };
      // The first round includes what V8 compiles.
      leakMany();
      const before = await heapBytes();
      leakMany();
      const perPiece = ((await heapBytes()) - before) / 50_000;
      assert.ok(Math.abs(perPiece - bytes) < 0.03 * bytes, `${perPiece} B instead of ${bytes}`);
      assert.equal(leak.pieces, 100_000);
    });
  }
});

describe('heapBallast()', () => {
  it('is as long as its size without the header', () => {
    assert.equal(heapBallast(200).length, 184);
    assert.equal(heapBallast(8).length, 2);
  });

  it('keeps nothing outside the heap', () => {
    const before = getHeapStatistics().external_memory;
    const ballast = heapBallast(largestBallastBytes);
    assert.ok(getHeapStatistics().external_memory - before < ballast.length / 2);
    assert.throws(() => heapBallast(largestBallastBytes + 1), RangeError);
  });
});
