import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MemoryMapping } from './memory-map.js';
import { findRuntime } from './runtime.js';

function mapping(path: string, start = 0x400000): MemoryMapping {
  return {
    start,
    end: start + 4096,
    permissions: 'rw-p',
    path,
    rssBytes: 4096,
    pssBytes: 4096,
    lazyFreeBytes: 0,
  };
}

describe('findRuntime()', () => {
  const cases: readonly (readonly [string, readonly MemoryMapping[], string | undefined])[] = [
    ['Node by its program', [mapping('/usr/local/bin/node')], 'v8'],
    [
      'Node as a library',
      [mapping('/usr/bin/nodejs-shim'), mapping('/usr/lib/libnode.so.115')],
      'v8',
    ],
    ['a JVM by its library', [mapping('/usr/bin/java'), mapping('/lib/server/libjvm.so')], 'jvm'],
    ['Go by where its heap is', [mapping('/srv/main'), mapping('', 0xc000000000)], 'go'],
    [
      'Node though V8 has put a page where Go has its heap',
      [
        mapping('', 0xc000000000),
        mapping('', 0xc400000000),
        mapping('/usr/bin/node', 0x55d000000000),
      ],
      'v8',
    ],
    ['nothing in a program that is mapped near there', [mapping('', 0xc400000000)], undefined],
    ['nothing in a C program', [mapping('/usr/sbin/nginx'), mapping('[heap]')], undefined],
    ['nothing in a process that has ended', [], undefined],
  ];
  for (const [name, mappings, expected] of cases) {
    it(`finds ${name}`, () => {
      assert.equal(findRuntime(mappings), expected);
    });
  }
});
