import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sites } from '../results/live-memory.js';
import { findRisingSites } from './rising-sites.js';

function sites(bytes: Readonly<Record<string, number>>, everyBytes = 1000): Sites {
  return { everyBytes, bytes: new Map(Object.entries(bytes)) };
}

/** Without the callees, and with nothing before the first wave. */
function rising(before: Sites, after: Sites, opened: number) {
  return findRisingSites(sites({}), before, after, opened).map(({ site, share }) => ({
    site,
    share,
  }));
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
    assert.deepEqual(rising(before, after, 1000), [
      { site: 'accept server.js:12', share: 0.75 },
      { site: 'parse parser.js:3', share: 0.25 },
    ]);
  });

  it('tells a function that was inlined later together with its caller', () => {
    const after = sites({
      'fill pool.js:3 < accept server.js:12': 400_000,
      'accept server.js:12 < server.js:90': 600_000,
    });
    assert.deepEqual(rising(sites({}), after, 1000), [
      { site: 'accept server.js:12 < server.js:90', share: 1 },
    ]);
  });

  it('takes each site as it is where all were traced', () => {
    const bytes = {
      'fill pool.py:3 < accept server.py:12': 600_000,
      'accept server.py:12 < server.py:90': 400_000,
    };
    const counts = new Map(Object.keys(bytes).map((site) => [site, 1000]));
    const after: Sites = { ...sites(bytes, 1), counts };
    assert.deepEqual(
      findRisingSites(sites({}), sites({}), after, 1000).map(({ site, callees }) => [
        site,
        callees,
      ]),
      [
        ['fill pool.py:3 < accept server.py:12', []],
        ['accept server.py:12 < server.py:90', []],
      ],
    );
  });

  it('tells what a site calls by what was allocated before it was inlined', () => {
    const baseline = sites({ 'start server.js:1 < server.js:90': 500_000 });
    const before = sites({
      'start server.js:1 < server.js:90': 500_000,
      'accept server.js:12 < server.js:90': 300_000,
      'log log.js:1 < server.js:90': 2000,
    });
    const after = sites({ ...Object.fromEntries(before.bytes), 'server.js:90': 900_000 });
    assert.deepEqual(findRisingSites(baseline, before, after, 1000), [
      { site: 'server.js:90', share: 1, callees: ['accept server.js:12'] },
    ]);
  });

  it('leaves out what a sample or two may be by chance, and says nothing where nothing rises', () => {
    const after = sites({
      accept: 960_000,
      chance: 40_000,
    });
    assert.deepEqual(rising(sites({}), after, 1000), [{ site: 'accept', share: 0.96 }]);
    assert.deepEqual(rising(after, after, 1000), []);
    assert.deepEqual(rising(sites({}), after, 100_000), [], 'negligible');
    const few = sites({ accept: 960_000, chance: 40_000 }, 400_000);
    assert.deepEqual(rising(sites({}, 400_000), few, 1000), [], 'two samples');
  });
});
