import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findConnectionParts } from './connection-parts.js';
import { blocks, holdings } from './holdings.fixture.js';

describe('findConnectionParts()', () => {
  it('tells what each connection has more than the baseline, the largest first, and names known states', () => {
    const parts = findConnectionParts(
      { malloc: blocks({ 64: 5000, 65_552: 4 }), jvm_heap: holdings({ Session: [1, 24] }) },
      {
        malloc: blocks({ 64: 5100, 48: 3000, 65_552: 4004, 5968: 1000, 16: 1000 }),
        jvm_heap: holdings({ Session: [1001, 24_024] }),
      },
      1000,
    );
    assert.deepEqual(
      parts.map(({ source, kind, per_connection: count, state }) => [source, kind, count, state]),
      [
        ['malloc', '65552', 4, 'zlib deflate state, window 15, memory level 8'],
        ['malloc', '5968', 1, 'zlib deflate state, window 15, memory level 8'],
        ['malloc', '48', 3, undefined],
        ['jvm_heap', 'Session', 1, undefined],
      ],
    );
  });

  it('tells nothing of what was not counted at both, or without connections', () => {
    const malloc = blocks({ 4112: 1000 });
    assert.deepEqual(findConnectionParts({}, { malloc }, 1000), []);
    assert.deepEqual(findConnectionParts({ malloc: blocks({}) }, { malloc }, 0), []);
  });
});
