import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withShowableNames } from './live-memory.js';

describe('withShowableNames()', () => {
  it('cleans what a target has told, in kinds, in sites and in what keeps them, and adds up what is alike then', () => {
    const escape = '\u001b[31m';
    const shown = withShowableNames({
      js_heap: {
        bytes: 300,
        outsideMallocBytes: 300,
        processes: 1,
        kinds: new Map([
          [`${escape}Session`, { count: 1, bytes: 100 }],
          ['Session', { count: 2, bytes: 200 }],
        ]),
        keptBy: new Map([[`${escape}Session`, `kept${escape} (Map)`]]),
        sites: {
          everyBytes: 1,
          bytes: new Map([[`open${escape} a.js:1`, 300]]),
          counts: new Map([[`open${escape} a.js:1`, 3]]),
        },
      },
    });
    assert.deepEqual(shown.js_heap?.kinds, new Map([['Session', { count: 3, bytes: 300 }]]));
    assert.deepEqual(shown.js_heap.keptBy, new Map([['Session', 'kept (Map)']]));
    assert.deepEqual(shown.js_heap.sites?.bytes, new Map([['open a.js:1', 300]]));
    assert.deepEqual(shown.js_heap.sites.counts, new Map([['open a.js:1', 3]]));
    assert.deepEqual(Object.keys(shown), ['js_heap']);
  });
});
