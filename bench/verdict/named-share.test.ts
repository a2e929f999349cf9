import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveMemory } from '../results/live-memory.js';
import { findConnectionParts, findConnectionSites } from './connection-parts.js';
import { blocks, holdings } from './holdings.fixture.js';
import { findNamedMemory } from './named-share.js';

/** Of all parts and sites that there are. */
function namedOf(
  before: LiveMemory,
  held: LiveMemory,
  connections: number,
  resident: Parameters<typeof findNamedMemory>[5] = {},
): ReturnType<typeof findNamedMemory> {
  const parts = findConnectionParts(before, held, connections);
  const sites = findConnectionSites(before, held, connections);
  return findNamedMemory(before, held, connections, parts, sites, resident);
}

describe('findNamedMemory()', () => {
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
    assert.equal(namedOf(before, held, 10)?.bytes, 4 * 65_552 + 5968 + 8000 + 24);
  });

  it('counts no more of a kind of memory than there is', () => {
    const sites = { everyBytes, bytes: new Map([['accept server.js:1', 99_000]]) };
    const held = { js_heap: { ...holdings({}), bytes: 11_000, sites } };
    const before = { js_heap: { ...start.js_heap, sites: { everyBytes, bytes: new Map() } } };
    assert.equal(namedOf(before, held, 10)?.bytes, 1000);
    assert.equal(namedOf({}, held, 10), undefined);
  });

  it('has the free memory of a heap go with what is alive in it', () => {
    const before = { malloc: blocks({}), jvm_heap: holdings({}) };
    const held = {
      malloc: blocks({ 65_552: 40, 5968: 10, 26_818: 10 }),
      jvm_heap: holdings({ Session: [10, 1000] }),
    };
    const resident = { malloc_bytes: 400_000, managed_heap_bytes: 50_000, other_bytes: 50_000 };
    const state = 4 * 65_552 + 5968;
    assert.equal(
      namedOf(before, held, 10, resident)?.share,
      (400_000 * (state / (state + 26_818)) + 50_000) / 500_000,
    );
    assert.equal(namedOf(before, held, 10)?.share, undefined, 'nothing is resident');
  });

  it('names ArrayBuffers once, though they are in malloc, and Python objects outside of it', () => {
    const before = {
      malloc: blocks({}),
      array_buffers: holdings({}),
      python_objects: { ...holdings({}), outsideMallocBytes: 0 },
    };
    const held = {
      malloc: blocks({ 1000: 10 }),
      array_buffers: { ...holdings({}), bytes: 5000 },
      python_objects: { ...holdings({ dict: [10, 2000] }), outsideMallocBytes: 2000 },
    };
    const found = namedOf(before, held, 10, { malloc_bytes: 1000, other_bytes: 1000 });
    assert.equal(found?.bytes, 500 + 200);
    assert.equal(found.share, (500 + 200) / 2000);
  });
});
