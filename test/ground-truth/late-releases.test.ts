import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LateReleases } from './late-releases.js';

describe('LateReleases', () => {
  it('releases each slot once, in order, when its time has come', () => {
    const released: number[] = [];
    const late = new LateReleases(1000, (slot) => released.push(slot));
    late.add(7, 0);
    late.add(8, 500);
    late.releaseDue(999);
    assert.deepEqual(released, []);
    late.releaseDue(1000);
    late.releaseDue(1400);
    assert.deepEqual(released, [7]);
    assert.equal(late.waiting, 1);
    late.releaseDue(1500);
    assert.deepEqual(released, [7, 8]);
    assert.equal(late.waiting, 0);
  });

  it('loses none while it drops what is done', () => {
    let sum = 0;
    const late = new LateReleases(10_000, (slot) => {
      sum += slot;
    });
    for (let slot = 0; slot < 20_000; slot++) {
      late.add(slot, slot);
      late.releaseDue(slot);
    }
    assert.equal(late.waiting, 10_000);
    late.releaseDue(Infinity);
    assert.equal(sum, (20_000 * 19_999) / 2);
  });
});
