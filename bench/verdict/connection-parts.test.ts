import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CountedKind, Holdings } from '../results/live-memory.js';
import { findConnectionParts } from './connection-parts.js';

function holdings(
  kinds: Readonly<Record<string, readonly [count: number, bytes: number]>>,
): Holdings {
  const entries = Object.entries(kinds).map(
    ([name, [count, bytes]]): readonly [string, CountedKind] => [name, { count, bytes }],
  );
  const bytes = entries.reduce((sum, [, kind]) => sum + kind.bytes, 0);
  return { bytes, outsideMallocBytes: bytes, processes: 1, kinds: new Map(entries) };
}

/** So many blocks by size. */
function blocks(counts: Readonly<Record<number, number>>): Holdings {
  return holdings(
    Object.fromEntries(
      Object.entries(counts).map(([size, count]) => [size, [count, Number(size) * count] as const]),
    ),
  );
}

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
