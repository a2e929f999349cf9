import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GrowthSample } from './judge-growth.js';
import { isLeakFree, judgeRole } from './judge-role.js';

const bounds = { negligibleBytes: 4, visibleBytes: 100 };

/** Eight minutes at 500 connections per second. */
function rising(bytesPerConnection: number): GrowthSample[] {
  return Array.from({ length: 48 }, (_, index) => ({
    elapsedSeconds: 10 * index,
    openedTotal: 5000 * index,
    bytes: 2 ** 25 + bytesPerConnection * 5000 * index,
  }));
}

describe('judgeRole()', () => {
  it('takes private memory that grows alone for free memory', () => {
    const judged = judgeRole(
      'server',
      { private: rising(50), live: rising(0), malloc: rising(0) },
      bounds,
    );
    assert.deepEqual(
      judged.map(({ kind, judgement, isFree }) => [kind, judgement.verdict, isFree]),
      [
        ['private', 'growing', true],
        ['live JS', 'flat', false],
        ['malloc in use', 'flat', false],
      ],
    );
    assert.equal(isLeakFree(judged), true);
  });

  it('takes it for a leak where what is held grows too, or could not be counted', () => {
    for (const held of [
      { live: rising(50), malloc: rising(0) },
      { live: rising(0), malloc: rising(50) },
      { live: rising(0), malloc: [] },
    ]) {
      const judged = judgeRole('server', { private: rising(50), ...held }, bounds);
      assert.equal(isLeakFree(judged), false);
      assert.equal(judged[0]?.isFree, false);
    }
  });
});
