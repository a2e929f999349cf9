import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kilobytesOf, readTreeCost } from './tree-cost.js';

describe('kilobytesOf()', () => {
  it('takes the field of that name', () => {
    const rollup =
      'Rss:                6204 kB\nPss:                 512 kB\nPss_Anon:            100 kB\n';
    assert.equal(kilobytesOf(rollup, 'Rss'), 6204);
    assert.equal(kilobytesOf(rollup, 'Pss'), 512);
    assert.equal(kilobytesOf(rollup, 'Swap'), 0);
  });
});

describe('readTreeCost()', () => {
  it('reads this process', { skip: process.platform !== 'linux' }, () => {
    const { cpuSeconds, rssBytes, pssBytes } = readTreeCost(process.pid);
    assert.ok(cpuSeconds > 0);
    assert.ok(rssBytes > 10e6 && pssBytes > 1e6 && pssBytes <= rssBytes);
  });
});
