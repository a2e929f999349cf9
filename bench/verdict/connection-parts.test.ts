import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CountedKind, Holdings, LiveMemory } from '../results/live-memory.js';
import { findConnectionParts, findConnectionSites, findNamedBytes } from './connection-parts.js';

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

/** Of all parts and sites that there are. */
function namedOf(before: LiveMemory, held: LiveMemory, connections: number): number | undefined {
  const parts = findConnectionParts(before, held, connections);
  const sites = findConnectionSites(before, held, connections);
  return findNamedBytes(before, held, connections, parts, sites);
}

describe('findNamedBytes()', () => {
  const start = { malloc: blocks({}), js_heap: { ...holdings({}), bytes: 1000 } };
  const everyBytes = 1000;

  it('counts lines, classes and states, but no blocks of which the size alone is known', () => {
    const held = {
      malloc: blocks({ 65_552: 40, 5968: 10, 64: 1000 }),
      js_heap: {
        ...holdings({}),
        bytes: 101_000,
        sites: { everyBytes, bytes: new Map([['accept server.js:1', 80_000]]) },
      },
      jvm_heap: holdings({ Session: [10, 240] }),
    };
    const before = {
      ...start,
      js_heap: { ...start.js_heap, sites: { everyBytes, bytes: new Map<string, number>() } },
      jvm_heap: holdings({}),
    };
    assert.equal(namedOf(before, held, 10), 4 * 65_552 + 5968 + 8000 + 24);
  });

  it('counts no more of a kind of memory than there is', () => {
    const sites = { everyBytes, bytes: new Map([['accept server.js:1', 99_000]]) };
    const held = { js_heap: { ...holdings({}), bytes: 11_000, sites } };
    const before = { js_heap: { ...start.js_heap, sites: { everyBytes, bytes: new Map() } } };
    assert.equal(namedOf(before, held, 10), 1000);
    assert.equal(namedOf({}, held, 10), undefined);
  });
});
