import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sites } from '../results/live-memory.js';
import { findRisingSites } from './rising-sites.js';

function sites(bytes: Readonly<Record<string, number>>, everyBytes = 1000): Sites {
  return { everyBytes, bytes: new Map(Object.entries(bytes)) };
}

describe('findRisingSites()', () => {
  it('tells the share of those that have risen, the largest first', () => {
    const before = sites({
      start: 900_000,
      'accept server.js:12': 100_000,
      falls: 500_000,
    });
    const after = sites({
      start: 900_000,
      falls: 100_000,
      'parse parser.js:3': 250_000,
      'accept server.js:12': 850_000,
    });
    assert.deepEqual(findRisingSites(before, after, 1000), [
      { site: 'accept server.js:12', share: 0.75 },
      { site: 'parse parser.js:3', share: 0.25 },
    ]);
  });

  it('tells a function that was inlined later together with its caller', () => {
    const after = sites({
      'fill pool.js:3 < accept server.js:12': 400_000,
      'accept server.js:12 < server.js:90': 600_000,
    });
    assert.deepEqual(findRisingSites(sites({}), after, 1000), [
      { site: 'accept server.js:12 < server.js:90', share: 1 },
    ]);
  });

  it('leaves out what a sample or two may be by chance, and says nothing where nothing rises', () => {
    const after = sites({
      accept: 960_000,
      chance: 40_000,
    });
    assert.deepEqual(findRisingSites(sites({}), after, 1000), [{ site: 'accept', share: 0.96 }]);
    assert.deepEqual(findRisingSites(after, after, 1000), []);
    assert.deepEqual(findRisingSites(sites({}), after, 100_000), [], 'negligible');
    const few = sites({ accept: 960_000, chance: 40_000 }, 400_000);
    assert.deepEqual(findRisingSites(sites({}, 400_000), few, 1000), [], 'two samples');
  });
});
