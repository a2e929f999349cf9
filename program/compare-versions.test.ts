import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareVersions } from './compare-versions.js';

describe('compareVersions()', () => {
  it('goes by numbers, not by letters', () => {
    const sorted = ['6.9.1', '6.13', '6.13.2-amd64', '6.18.44-fc-v669', '10.0'];
    assert.deepEqual(sorted.toReversed().toSorted(compareVersions), sorted);
  });
});
