import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMaskBitSet } from './status-mask.js';

describe('isMaskBitSet()', () => {
  const status = 'Name:\tnode\nSigCgt:\t0000000108004602\nCapEff:\t8000000000000000\n';

  it('reads the bits of the mask that is named', () => {
    const caught = [0, 1, 8, 9, 10, 32].map((bit) => isMaskBitSet(status, 'SigCgt', bit));
    assert.deepEqual(caught, [false, true, false, true, true, true]);
    assert.equal(isMaskBitSet(status, 'CapEff', 63), true);
    assert.equal(isMaskBitSet(status, 'CapEff', 62), false);
  });

  it('finds none set in a mask that is not there', () => {
    assert.equal(isMaskBitSet(status, 'SigIgn', 1), false);
    assert.equal(isMaskBitSet('', 'SigCgt', 1), false);
  });
});
