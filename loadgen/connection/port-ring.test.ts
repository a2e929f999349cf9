import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PortRing } from './port-ring.js';

const pool = {
  addresses: ['127.1.0.1', '127.1.0.2'],
  firstPort: 40_000,
  lastPort: 40_004,
  portStep: 2,
};

function pairOf(ring: PortRing): string | undefined {
  const pair = ring.take();
  return pair === undefined ? undefined : `${ring.addressOf(pair)}:${ring.portOf(pair)}`;
}

describe('PortRing', () => {
  it('deals out every pair once, then none', () => {
    const ring = new PortRing(pool, () => 0);
    assert.equal(ring.size, 6);
    assert.deepEqual(
      Array.from({ length: 7 }, () => pairOf(ring)),
      [
        '127.1.0.1:40000',
        '127.1.0.2:40000',
        '127.1.0.1:40002',
        '127.1.0.2:40002',
        '127.1.0.1:40004',
        '127.1.0.2:40004',
        undefined,
      ],
    );
  });

  it('comes back to a released pair as late as possible', () => {
    const ring = new PortRing(pool, () => 0.99);
    const first = ring.take() ?? assert.fail('the ring is not empty');
    assert.equal(first, 5);
    ring.release(first);
    assert.deepEqual(
      Array.from({ length: 6 }, () => ring.take()),
      [0, 1, 2, 3, 4, 5],
    );
  });
});
