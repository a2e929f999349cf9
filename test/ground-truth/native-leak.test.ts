import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NativeLeak } from './native-leak.js';

describe('NativeLeak', () => {
  const cases: readonly (readonly [number, number])[] = [
    [200, 1000],
    [65_536, 3],
    [65_537, 3],
    [200_000, 2],
    [0, 10],
  ];
  for (const [bytes, times] of cases) {
    it(`writes to exactly what it leaks: ${bytes} B, ${times} times`, () => {
      const leak = new NativeLeak();
      for (let count = 0; count < times; count++) leak.leak(bytes);
      assert.equal(leak.leakedBytes, bytes * times);
      assert.equal(leak.countWritten(), bytes * times);
    });
  }

  it('writes again without leaking, over the borders of chunks too', () => {
    const leak = new NativeLeak();
    leak.leak(100_000);
    leak.rewrite(65_000, 1000);
    assert.equal(leak.leakedBytes, 100_000);
    assert.equal(leak.countWritten(), 100_000);
  });
});
