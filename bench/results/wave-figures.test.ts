import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleColumns, type SampleRow } from './sample-columns.js';
import { describeWave, findFloor, median } from './wave-figures.js';

const emptyRow = Object.fromEntries(
  Object.keys(sampleColumns).map((name) => [name, undefined]),
) as unknown as SampleRow;

function row(wave: number, phase: string, rss: number, connections = 0): SampleRow {
  return {
    ...emptyRow,
    wave,
    phase,
    connections,
    target_connections: connections,
    rss_bytes: rss,
    lazy_free_bytes: 0,
    js_heap_resident_bytes: rss / 10,
  };
}

describe('median()', () => {
  const cases = [
    [[], undefined],
    [[undefined, 4], 4],
    [[9, 1, 5], 5],
    [[10, 2, 4, 8], 6],
  ] as const;
  for (const [values, expected] of cases) {
    it(`of ${JSON.stringify(values)} is ${String(expected)}`, () => {
      assert.equal(median(values), expected);
    });
  }
});

describe('findFloor()', () => {
  it('is the median of the last three rows of the rest, not of the drain or of garbage before', () => {
    const rows = [
      row(1, 'drain', 900),
      ...[800, 500, 510, 505].map((rss) => row(1, 'rest', rss)),
      row(2, 'rest', 9999),
    ];
    assert.deepEqual(findFloor(rows, 1, 'rest'), {
      rss_bytes: 505,
      js_heap_resident_bytes: 50.5,
    });
  });

  it('knows nothing of a wave that never rested', () => {
    assert.deepEqual(findFloor([row(1, 'hold', 5)], 1, 'rest'), {});
  });
});

describe('describeWave()', () => {
  it('tells private memory from that of binaries', () => {
    const held = { ...row(1, 'hold', 9000, 10), native_file_bytes: 4000, native_bytes: 8000 };
    const wave = describeWave([held], 1, {}, {});
    assert.equal(wave?.hold.private_bytes, 5000);
    assert.equal(wave.hold.native_private_bytes, 4000);
  });

  it('divides what the hold adds to the floor by the open connections', () => {
    const rows = [
      row(1, 'ramp', 5_000, 5),
      row(1, 'hold', 11_000, 10),
      row(1, 'hold', 21_000, 10),
      row(1, 'hold', 12_000, 8),
      row(1, 'rest', 3000),
    ];
    const wave = describeWave(rows, 1, { rss_bytes: 2000 }, { rss_bytes: 1000 });
    // Median of the hold is 12,000 with a median of 10 connections: (12,000 − 2,000) / 10.
    assert.deepEqual(wave?.per_connection, { rss_bytes: 1000 });
    assert.deepEqual(wave.per_connection_over_baseline, { rss_bytes: 1100 });
    assert.equal(wave.hold_connections, 10);
    assert.equal(wave.hold_connections_min, 8);
    assert.equal(wave.hold_target_connections_min, 8);
    assert.deepEqual(wave.floor, { rss_bytes: 3000, js_heap_resident_bytes: 300 });
  });

  it('gives no figure per connection where none was open, and nothing without a hold', () => {
    assert.deepEqual(
      describeWave([row(1, 'hold', 5000, 0)], 1, { rss_bytes: 1 }, {})?.per_connection,
      {},
    );
    assert.equal(describeWave([row(1, 'ramp', 5000, 5)], 1, {}, {}), undefined);
  });
});
