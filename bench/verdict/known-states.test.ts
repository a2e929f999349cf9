import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findKnownStates } from './known-states.js';

/** As a census has found them, per connection, among other blocks. */
const measured: readonly (readonly [name: string, sizes: Readonly<Record<number, number>>])[] = [
  [
    'zlib deflate state of Node, window 15, memory level 8',
    { 81_952: 1, 65_584: 1, 65_568: 1.99, 6080: 1 },
  ],
  [
    'zlib deflate state of Node, window 10, memory level 7',
    { 65_568: 0.99, 40_992: 1, 6080: 1, 2096: 1, 2080: 1 },
  ],
  [
    'zlib deflate state of Node, window 15, memory level 1',
    { 65_584: 1, 65_568: 1.99, 6080: 1, 672: 1 },
  ],
  [
    'zlib deflate state in a native module of Node, window 9, memory level 1',
    { 65_552: 0.9996, 6064: 1, 1056: 1, 1040: 1.0002, 656: 1 },
  ],
  ['zlib inflate state of Node, window 15', { 32_816: 1, 9104: 1 }],
  ['zlib inflate state of Node, window 9', { 9104: 1, 560: 1 }],
  ['zlib deflate state, window 15, memory level 8', { 65_552: 4, 5968: 1 }],
  [
    'zlib deflate state, window 15, memory level 6 or window 13, memory level 8',
    { 65_552: 2, 16_400: 2, 5968: 1 },
  ],
  ['zlib deflate state, window 9, memory level 1', { 5968: 1, 1040: 2, 528: 2 }],
  ['zlib inflate state, window 10', { 7168: 1, 1040: 1 }],
  ['TLS connection of OpenSSL 3.0', { 7632: 1 }],
  [
    'TLS connection of OpenSSL 3.0, with its buffers for reading and writing',
    { 16_720: 1, 16_592: 1, 7632: 1 },
  ],
  ["TLS connection of Python's asyncio, with a read buffer of 256 KiB", { 262_160: 1, 7632: 1 }],
];

function find(sizes: Readonly<Record<number, number>>): Record<number, string> {
  const perConnection = Object.entries(sizes).map(
    ([size, count]) => [Number(size), count] as const,
  );
  const states = findKnownStates(new Map(perConnection), false);
  return Object.fromEntries([...states].map(([size, { name }]) => [size, name]));
}

describe('findKnownStates()', () => {
  for (const [name, sizes] of measured) {
    it(`names all blocks of a ${name}, and no others`, () => {
      const expected = Object.fromEntries(Object.keys(sizes).map((size) => [size, name]));
      assert.deepEqual(find({ ...sizes, 64: 12, 416: 0.98 }), expected);
    });
  }

  it('names a deflate and an inflate state beside each other', () => {
    const found = find({ 65_552: 4, 32_784: 1, 5968: 1, 7168: 1 });
    assert.equal(found[5968], 'zlib deflate state, window 15, memory level 8');
    assert.equal(found[7168], 'zlib inflate state, window 15');
  });

  it('names what is known by one block only in a program of Node, and of each connection', () => {
    const sizes = new Map([[416, 0.99]]);
    assert.deepEqual([...findKnownStates(sizes)], []);
    assert.deepEqual(
      [...findKnownStates(sizes, true)],
      [[416, { name: 'TCP handle of Node', blocks: 1 }]],
    );
    assert.deepEqual([...findKnownStates(new Map([[416, 0.5]]), true)], []);
    const tls = new Map([
      [65_552, 1.001],
      [7616, 1],
      [976, 2],
    ]);
    const { name = '' } = findKnownStates(tls, true).get(65_552) ?? {};
    assert.match(name, /^TLS connection of Node/);
    assert.equal(findKnownStates(tls, true).get(976), undefined);
  });

  it('names a state that every other connection has', () => {
    assert.equal(
      find({ 65_552: 2, 5968: 0.5 })[5968],
      'zlib deflate state, window 15, memory level 8',
    );
  });

  it('names nothing where a block is missing, or few connections have it', () => {
    assert.deepEqual(find({ 65_552: 4 }), {});
    assert.deepEqual(find({ 65_552: 3, 5968: 1, 32_784: 1 }), {});
    assert.deepEqual(find({ 65_552: 0.004, 5968: 0.001 }), {});
  });
});
