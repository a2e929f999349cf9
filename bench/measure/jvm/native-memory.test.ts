import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseNativeMemory } from './native-memory.js';

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
