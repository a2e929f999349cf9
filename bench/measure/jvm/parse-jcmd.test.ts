import assert from 'node:assert/strict';
import { parseClassHistogram, parseHeapRange, parseNativeMemory } from './parse-jcmd.js';
import { describe, it } from 'node:test';

// As OpenJDK 17 prints them for -Xmx256m.
const g1 = `4711:
 garbage-first heap   total 16384K, used 3072K [0x00000000f0000000, 0x0000000100000000)
  region size 1024K, 2 young (2048K), 0 survivors (0K)
 Metaspace       used 5340K, committed 5504K, reserved 1056768K
`;
const serial = `4711:
 def new generation   total 4928K, used 1024K [0x00000000f0000000, 0x00000000f0550000, 0x00000000f5550000)
  eden space 4416K,  23% used [0x00000000f0000000, 0x00000000f0100000, 0x00000000f0450000)
 tenured generation   total 10944K, used 0K [0x00000000f5550000, 0x00000000f6000000, 0x0000000100000000)
`;

describe('parseHeapRange()', () => {
  it('reads the range of G1', () => {
    assert.deepEqual(parseHeapRange(g1), { start: 0xf0000000, end: 0x100000000 });
  });

  it('spans the generations of the serial collector', () => {
    assert.deepEqual(parseHeapRange(serial), { start: 0xf0000000, end: 0x100000000 });
  });

  it('knows nothing from a collector that prints no addresses', () => {
    assert.equal(
      parseHeapRange(' ZHeap           used 4M, capacity 256M, max capacity 256M\n'),
      undefined,
    );
    assert.equal(parseHeapRange(''), undefined);
  });
});

const summary = `4711:

Native Memory Tracking:

Total: reserved=1468006400, committed=52428800
       malloc: 1000B #10
-                 Java Heap (reserved=268435456, committed=16777216)
                            (mmap: reserved=268435456, committed=16777216) 

-                    Thread (reserved=31457280, committed=1048576)
-    Shared class space (reserved=16777216, committed=12582912)
`;

describe('parseNativeMemory()', () => {
  it('reads the committed bytes of each category and in all', () => {
    assert.deepEqual(parseNativeMemory(summary), {
      total: 52_428_800,
      java_heap: 16_777_216,
      thread: 1_048_576,
      shared_class_space: 12_582_912,
    });
  });

  it('knows nothing if the JVM does not track it', () => {
    assert.equal(parseNativeMemory('4711:\nNative memory tracking is not enabled\n'), undefined);
  });
});

describe('parseClassHistogram()', () => {
  it('takes objects and bytes of each class', () => {
    const histogram = [
      '4711:',
      ' num     #instances         #bytes  class name (module)',
      '-------------------------------------------------------',
      '   1:          6055        1053304  [B (java.base@17.0.15)',
      '   2:          1000          24000  Session',
      '   3:             7            168  Session',
      'Total          7062        1077472',
      '',
    ].join('\n');
    assert.deepEqual(
      [...(parseClassHistogram(histogram) ?? [])],
      [
        ['[B', { count: 6055, bytes: 1_053_304 }],
        ['Session', { count: 1007, bytes: 24_168 }],
      ],
    );
  });

  it('takes nothing out of an error', () => {
    assert.equal(parseClassHistogram('4711:\njava.lang.IllegalArgumentException\n'), undefined);
    assert.equal(parseClassHistogram(''), undefined);
  });
});
