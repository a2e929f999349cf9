import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import type { FloorFacts } from '../measure/floor.js';
import type { Holdings } from '../results/live-memory.js';
import { listSites } from './site-rows.js';

function holdings(
  kinds: Readonly<Record<string, readonly [count: number, bytes: number]>>,
  sites?: Readonly<Record<string, number>>,
): Holdings {
  return {
    bytes: 0,
    outsideMallocBytes: 0,
    processes: 1,
    kinds: new Map(Object.entries(kinds).map(([name, [count, bytes]]) => [name, { count, bytes }])),
    ...(sites === undefined
      ? {}
      : { sites: { everyBytes: 1000, bytes: new Map(Object.entries(sites)) } }),
  };
}

function floor(malloc: Holdings, heap: Holdings): FloorFacts {
  return {
    live: { malloc, js_heap: heap },
    countingMs: 0,
    jvmNativeMemory: {},
    malloc: undefined,
    descriptors: undefined,
  };
}

const wave = { connections_opened_total: 100 } as SummaryLine;

describe('listSites()', () => {
  it('tells what is held and what stays per connection, the largest first', () => {
    const floors = [
      floor(holdings({ 64: [10, 640] }), holdings({}, { 'start a.js:1': 5000 })),
      floor(holdings({ 64: [110, 7040] }), holdings({}, { 'keep a.js:9': 1000 })),
      floor(holdings({ 64: [310, 19_840] }), holdings({}, { 'keep a.js:9': 21_000 })),
    ];
    const held = floor(
      holdings({ 64: [110, 7040], 4112: [100, 411_200] }),
      holdings({}, { 'start a.js:1': 5000, 'keep a.js:9': 6000 }),
    ).live;
    const rows = listSites({ floors, holds: [held], waves: [wave, wave, wave] }, 100);
    assert.deepEqual(
      rows.map((row) => Object.values(row)),
      [
        ['malloc', 'kind', '4112', '', 1, 4112, undefined, undefined],
        ['js_heap', 'site', 'keep a.js:9', '', undefined, 60, undefined, 100],
        ['malloc', 'kind', '64', '', 1, 64, 1, 64],
      ],
    );
  });

  it('names the blocks of a known state', () => {
    const state = { 65_552: [400, 26_220_800], 5968: [100, 596_800], 64: [100, 6400] } as const;
    const floors = [floor(holdings({}), holdings({}))];
    const held = floor(holdings(state), holdings({})).live;
    assert.deepEqual(
      listSites({ floors, holds: [held], waves: [wave] }, 100).map((row) => [row.name, row.state]),
      [
        ['65552', 'zlib deflate state, window 15, memory level 8'],
        ['5968', 'zlib deflate state, window 15, memory level 8'],
        ['64', ''],
      ],
    );
  });

  it('is empty where nothing was counted', () => {
    assert.deepEqual(listSites({ floors: [], holds: [], waves: [] }, 0), []);
  });
});
