import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addMemory, attributeMemory } from './attribution.js';
import type { MemoryMapping } from '../../machine/procfs/memory-map.js';

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
    const memory = attributeMemory(processMap, { jsHeapResidentBytes: 2 * mebibyte });
    assert.equal(memory.mallocBytes, 7 * mebibyte);
    assert.equal(memory.stacksBytes, 8 * mebibyte + 4096);
    assert.equal(memory.fileBytes, 11 * mebibyte + 4096);
    assert.equal(memory.jsHeapBytes, 2 * mebibyte);
    assert.equal(memory.otherBytes, 1 * mebibyte + 8192);
    assert.equal(memory.unattributedBytes, 0);
  });

  it('gives malloc what Node takes elsewhere when V8 has its code right behind the heap', () => {
    const high = 0x7f0000000000;
    const blocked = [
      mapping(0x400000, mebibyte, 'r-xp', '/usr/bin/node'),
      mapping(0x2000000, 2 * mebibyte, 'rw-p', '[heap]'),
      mapping(0x2200000, 8192, 'rw-p'), // V8's code range
      mapping(0x3e000000000, mebibyte, 'rw-p'), // a page of its heap
      mapping(high + 4096, 3 * mebibyte, 'rw-p'),
    ];
    assert.equal(attributeMemory(blocked, {}).mallocBytes, 5 * mebibyte);
    const free = blocked.filter(({ start }) => start !== 0x2200000);
    assert.equal(attributeMemory(free, {}).mallocBytes, 2 * mebibyte);
  });

  it('adds up to the resident bytes, whatever the heap claims', () => {
    for (const jsHeap of [0, mebibyte, 100 * mebibyte]) {
      const memory = attributeMemory(processMap, { jsHeapResidentBytes: jsHeap });
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
    const memory = attributeMemory(processMap, {});
    assert.equal(memory.jsHeapBytes, undefined);
    assert.equal(memory.otherBytes, 3 * mebibyte + 8192);
    assert.equal(memory.isHeapUnknown, true, 'it is a Node program, which has one');
  });

  it('finds the heap of a JVM where the JVM says that it is, aligned like an arena or not', () => {
    const java = [
      mapping(0x1000, mebibyte, 'r-xp', '/usr/lib/jvm/lib/server/libjvm.so'),
      mapping(60 * arena, 16 * mebibyte, 'rw-p'),
      mapping(60 * arena + 16 * mebibyte, 48 * mebibyte, '---p'),
      mapping(70 * arena, 2 * mebibyte, 'rw-p'),
      mapping(70 * arena + 2 * mebibyte, 62 * mebibyte, '---p'),
    ];
    const known = attributeMemory(java, { jvmHeap: { start: 60 * arena, end: 61 * arena } });
    assert.equal(known.managedHeapBytes, 16 * mebibyte);
    assert.equal(known.mallocBytes, 2 * mebibyte);
    assert.equal(known.isHeapUnknown, false);
    assert.equal(attributeMemory(java, {}).isHeapUnknown, true);
  });

  it('finds the heap of Go by its address, though it looks like an arena', () => {
    const go = [
      mapping(0xc000000000, 4 * mebibyte, 'rw-p'),
      mapping(0xc000000000 + 4 * mebibyte, 60 * mebibyte, '---p'),
    ];
    const memory = attributeMemory(go, {});
    assert.equal(memory.managedHeapBytes, 4 * mebibyte);
    assert.equal(memory.mallocBytes, 0);
  });
});

describe('attributeMemory() of Node', () => {
  it('has the owners add up to RSS though V8 has put a page where Go has its heap', () => {
    const node = [
      mapping(0x400000, mebibyte, 'r-xp', '/usr/bin/node'),
      mapping(0xc400000000, 262_144, 'rw-p'),
    ];
    const memory = attributeMemory(node, { jsHeapResidentBytes: 262_144 });
    assert.equal(memory.managedHeapBytes, undefined);
    assert.equal(memory.unattributedBytes, 0);
    assert.equal(memory.fileBytes + (memory.jsHeapBytes ?? 0), memory.rssBytes);
  });
});

describe('addMemory()', () => {
  it('adds processes and knows the heap if one of them tells', () => {
    const node = attributeMemory([mapping(0x1000, 4096, 'rw-p')], { jsHeapResidentBytes: 1024 });
    const shell = attributeMemory([mapping(0x1000, 8192, 'rw-p', '[heap]')], {});
    const sum = addMemory([node, shell]);
    assert.equal(sum.rssBytes, 12_288);
    assert.equal(sum.pssBytes, 6144);
    assert.equal(sum.mallocBytes, 8192);
    assert.equal(sum.jsHeapBytes, 1024);
    assert.equal(sum.otherBytes, 3072);
    assert.equal(addMemory([shell]).jsHeapBytes, undefined);
  });
});
