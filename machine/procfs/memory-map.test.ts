import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseMemoryMap } from './memory-map.js';

const twoMappings = `00400000-00b6f000 r--p 00000000 fe:00 260689                             /usr/bin/a name
Size:               7612 kB
Rss:                 120 kB
Pss:                  60 kB
Pss_Dirty:             4 kB
LazyFree:              0 kB
VmFlags: rd mr mw me sd
7ffd1000-7ffd3000 rw-p 00000000 00:00 0
Rss:                   8 kB
Pss:                   8 kB
LazyFree:              4 kB
`;

describe('parseMemoryMap()', () => {
  it('reads addresses, permissions, path and sizes in bytes', () => {
    assert.deepEqual(parseMemoryMap(twoMappings), [
      {
        start: 0x400000,
        end: 0xb6f000,
        permissions: 'r--p',
        path: '/usr/bin/a name',
        rssBytes: 122_880,
        pssBytes: 61_440,
        lazyFreeBytes: 0,
      },
      {
        start: 0x7ffd1000,
        end: 0x7ffd3000,
        permissions: 'rw-p',
        path: '',
        rssBytes: 8192,
        pssBytes: 8192,
        lazyFreeBytes: 4096,
      },
    ]);
  });

  it('gives no mappings for a process that has ended', () => {
    assert.deepEqual(parseMemoryMap(''), []);
  });

  it('refuses text that is no memory map', () => {
    assert.throws(() => parseMemoryMap('nonsense\n'), SyntaxError);
  });

  it(
    'adds up to what smaps_rollup says of this process',
    { skip: process.platform !== 'linux' },
    () => {
      const mappings = parseMemoryMap(readFileSync('/proc/self/smaps', 'utf8'));
      const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8');
      const rollupRss = Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1]) * 1024;
      const rss = mappings.reduce((sum, mapping) => sum + mapping.rssBytes, 0);
      // Reading the first file allocates, so the second reading may differ a little.
      assert.ok(Math.abs(rss - rollupRss) < 0.1 * rollupRss, `${rss} against ${rollupRss}`);
    },
  );
});
