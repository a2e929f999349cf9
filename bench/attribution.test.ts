import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addMemory, attributeMemory } from './attribution.js';
import type { MemoryMapping } from './procfs/memory-map.js';

const mebibyte = 1024 * 1024;

function mapping(start: number, length: number, permissions: string, path = ''): MemoryMapping {
  const rssBytes = permissions === '---p' ? 0 : length;
  return {
    start,
    end: start + length,
    permissions,
    path,
    rssBytes,
    pssBytes: rssBytes / 2,
    lazyFreeBytes: 0,
  };
}

describe('attributeMemory()', () => {
  const arena = 64 * mebibyte;
  const processMap: readonly MemoryMapping[] = [
    mapping(0x400000, 10 * mebibyte, 'r-xp', '/usr/bin/node'),
    mapping(0x400000 + 10 * mebibyte, mebibyte, 'rw-p'), // its .bss
    mapping(0x2000000, 5 * mebibyte, 'rw-p', '[heap]'),
    mapping(3 * arena, 2 * mebibyte, 'rw-p'), // an arena, and the rest of its 64 MiB
    mapping(3 * arena + 2 * mebibyte, 62 * mebibyte, '---p'),
    mapping(5 * arena + 4096, 8192, 'rw-p'), // anonymous: not aligned
    mapping(6 * arena, 4096, '---p'),
    mapping(6 * arena + 4096, 8 * mebibyte, 'rw-p'), // a thread's stack above its guard
    mapping(8 * arena, 3 * mebibyte, 'rw-p'), // anonymous: aligned, but nothing is reserved behind it
    mapping(9 * arena, 4096, 'rw-p', '[stack]'),
    mapping(9 * arena + 8192, 4096, 'r-xp', '[vdso]'),
  ];

  it('gives each mapping to its owner', () => {
    const memory = attributeMemory(processMap, 2 * mebibyte);
    assert.equal(memory.mallocBytes, 7 * mebibyte);
    assert.equal(memory.stacksBytes, 8 * mebibyte + 4096);
    assert.equal(memory.fileBytes, 11 * mebibyte + 4096);
    assert.equal(memory.jsHeapBytes, 2 * mebibyte);
    assert.equal(memory.otherBytes, 1 * mebibyte + 8192);
    assert.equal(memory.unattributedBytes, 0);
  });

  it('adds up to the resident bytes, whatever the heap claims', () => {
    for (const jsHeap of [0, mebibyte, 100 * mebibyte]) {
      const memory = attributeMemory(processMap, jsHeap);
      const parts =
        jsHeap +
        memory.mallocBytes +
        memory.stacksBytes +
        memory.fileBytes +
        memory.otherBytes +
        memory.unattributedBytes;
      assert.equal(parts, memory.rssBytes);
    }
  });

  it('leaves the heap unknown where the process does not tell', () => {
    const memory = attributeMemory(processMap, undefined);
    assert.equal(memory.jsHeapBytes, undefined);
    assert.equal(memory.otherBytes, 3 * mebibyte + 8192);
  });
});

describe('addMemory()', () => {
  it('adds processes and knows the heap if one of them tells', () => {
    const node = attributeMemory([mapping(0x1000, 4096, 'rw-p')], 1024);
    const shell = attributeMemory([mapping(0x1000, 8192, 'rw-p', '[heap]')], undefined);
    const sum = addMemory([node, shell]);
    assert.equal(sum.rssBytes, 12_288);
    assert.equal(sum.pssBytes, 6144);
    assert.equal(sum.mallocBytes, 8192);
    assert.equal(sum.jsHeapBytes, 1024);
    assert.equal(sum.otherBytes, 3072);
    assert.equal(addMemory([shell]).jsHeapBytes, undefined);
  });
});
