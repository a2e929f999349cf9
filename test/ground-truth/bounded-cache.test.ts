import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BoundedCache } from './bounded-cache.js';

describe('BoundedCache', () => {
  const cases: readonly (readonly [number, number, number, number])[] = [
    [1500, 30_000_000, 10_000, 15_000_000],
    [1500, 30_000_000, 20_000, 30_000_000],
    [1500, 30_000_000, 50_000, 30_000_000],
    [1500, 4000, 10, 3000],
    [1500, 1000, 10, 0],
    [0, 1000, 10, 0],
  ];
  for (const [entryBytes, boundBytes, adds, bytes] of cases) {
    it(`holds ${bytes} B after ${adds} entries of ${entryBytes} B, bound ${boundBytes} B`, () => {
      const cache = new BoundedCache(entryBytes, boundBytes);
      for (let count = 0; count < adds; count++) cache.add();
      assert.equal(cache.bytes, bytes);
    });
  }
});
