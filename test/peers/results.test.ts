import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findPeer, medians } from './results.js';

describe('medians()', () => {
  it('takes the median of each figure by itself', () => {
    const runs = [
      { cpu: 1, memory: 30 },
      { cpu: 3, memory: 10 },
      { cpu: 2, memory: 20 },
    ];
    assert.deepEqual(medians({ name: 'x', runs }), { cpu: 2, memory: 20 });
  });

  it('has none of a peer that was skipped, or never run', () => {
    assert.equal(medians({ name: 'x', skipped: 'not installed' }), undefined);
    assert.equal(medians({ name: 'x', runs: [] }), undefined);
    assert.equal(medians(undefined), undefined);
  });
});

describe('findPeer()', () => {
  it('takes the first that was measured', () => {
    const measured = { name: 'uws, older build', runs: [] };
    const results = [{ name: 'uws, newest build', skipped: 'glibc is too old' }, measured];
    assert.equal(findPeer(results, 'uws'), measured);
    assert.equal(findPeer(results, 'bun'), undefined);
  });
});
