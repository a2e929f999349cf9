import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FloorFacts } from '../measure/floor.js';
import type { LiveMemory, LiveSource } from '../results/live-memory.js';
import { describeSplit, splitKeptMemory } from './memory-kept.js';

const mebibyte = 1024 * 1024;

/** What is counted at one floor, and what malloc keeps free in whole pages, in pieces and at the end, in MiB. */
function floor(
  live: Readonly<Partial<Record<LiveSource, number>>>,
  free?: readonly [number, number, number],
): FloorFacts {
  const counted = Object.fromEntries(
    Object.entries(live).map(([source, mib]) => [
      source,
      {
        bytes: mib * mebibyte,
        outsideMallocBytes: source === 'array_buffers' ? 0 : mib * mebibyte,
        processes: 1,
        kinds: new Map(),
      },
    ]),
  ) as LiveMemory;
  const [pages = 0, pieces = 0, top = 0] = free ?? [];
  return {
    live: counted,
    countingMs: 0,
    malloc:
      free === undefined
        ? undefined
        : {
            blocks: new Map(),
            usedBytes: 0,
            freePagesBytes: pages * mebibyte,
            freePiecesBytes: pieces * mebibyte,
            topBytes: top * mebibyte,
            totalBytes: 0,
            walkedBytes: 0,
          },
    jvmNativeMemory: {},
    descriptors: undefined,
  };
}

function say(...floors: readonly FloorFacts[]): string | undefined {
  return describeSplit({ floors }, 20 * mebibyte);
}

describe('splitKeptMemory()', () => {
  it('tells what is held from what is free, beyond the baseline, ArrayBuffers once', () => {
    const floors = [
      floor({ js_heap: 5, array_buffers: 1, malloc: 10 }, [1, 1, 1]),
      floor({ js_heap: 50, array_buffers: 1, malloc: 100 }, [9, 9, 9]),
      floor({ js_heap: 7, array_buffers: 2, malloc: 14 }, [4, 2, 3]),
    ];
    assert.deepEqual(splitKeptMemory({ floors }, 20 * mebibyte), {
      heldBytes: 6 * mebibyte,
      freeBytes: 5 * mebibyte,
      piecesBytes: mebibyte,
    });
    // Not all that is free is resident.
    assert.equal(splitKeptMemory({ floors }, 9 * mebibyte)?.freeBytes, 2 * mebibyte);
    assert.equal(
      say(...floors),
      'the program holds 6.00 MiB of it (counted: JS objects, bytes of ArrayBuffers, blocks), the allocator keeps 5.00 MiB of it, free, 1.00 MiB are free in pieces between used blocks',
    );
  });

  it('says what it could not see, and nothing where nothing was counted', () => {
    assert.equal(
      say(floor({ js_heap: 5 }), floor({ js_heap: 4 })),
      'the program holds none of it (counted: JS objects)',
    );
    assert.equal(say(floor({}), floor({})), undefined);
    assert.equal(say(floor({ js_heap: 5 })), undefined);
  });
});
