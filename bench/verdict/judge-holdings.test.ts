import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Holdings } from '../results/live-memory.js';
import { findRisingKinds, type HoldingsFinding, judgeHoldings } from './judge-holdings.js';

/** So many blocks by size. */
function holdings(counts: Readonly<Record<string, number>>): Holdings {
  const kinds = new Map(
    Object.entries(counts).map(([size, count]) => [size, { count, bytes: Number(size) * count }]),
  );
  const bytes = [...kinds.values()].reduce((sum, kind) => sum + kind.bytes, 0);
  return { bytes, outsideMallocBytes: bytes, processes: 1, kinds };
}

/** Waves of prime sizes, as `--waves auto` makes them. */
const sizes = [10_000, 9887, 9787, 9697, 9887, 9787, 9697, 9887, 9787, 9697, 9887, 9787];

/** Judges floors of so many bytes per connection opened, one after the other. */
function judge(...perConnection: readonly number[]): HoldingsFinding {
  let bytes = 1_000_000;
  const floors = perConnection.map((rate, index) => {
    bytes += rate * (sizes[index] ?? 0);
    return { bytes, outsideMallocBytes: bytes, processes: 1, kinds: new Map() };
  });
  return judgeHoldings({
    floors,
    opened: sizes.slice(0, floors.length),
    leastStepBytes: 128 * 1024,
  });
}

describe('judgeHoldings()', () => {
  const cases: readonly (readonly [string, HoldingsFinding['kind'], readonly number[]])[] = [
    ['200 bytes leak per connection', 'rising', [900, 200, 200, 200]],
    ['a table that doubles holds what leaks', 'rising', [900, 280, 200, 360]],
    ['a leak begins late', 'rising', [900, 0, 0, 200, 200, 200, 200]],
    ['everything is freed', 'bounded', [0, 0, 0, 0]],
    ['a runtime warms up', 'bounded', [900, 100, 20, 10]],
    ['a cache fills up in three waves', 'bounded', [1500, 1500, 1500, 0, 0]],
    ['a cache has just filled up', 'open', [1500, 1500, 1500, 1500, 0]],
    ['something is freed late', 'open', [900, 200, -200, 200]],
    ['steps are uneven', 'open', [900, 40, 400, 40, 400]],
    ['three waves have ended', 'open', [900, 200, 200]],
    [
      'a leak has two uneven waves in twelve',
      'open',
      [9, 90, 90, 90, 0, 90, 90, 90, 0, 90, 90, 90],
    ],
  ];
  for (const [name, expected, rates] of cases) {
    it(`says ${expected} where ${name}`, () => {
      assert.equal(judge(...rates).kind, expected);
    });
  }

  it('tells by how much per connection, with an interval, and in how many waves', () => {
    const finding = judge(900, 200, 204, 196, 201, 199, 200);
    assert.ok(finding.kind === 'rising');
    assert.ok(Math.abs(finding.growth.slope - 200) < 1);
    const { low, high } = finding.growth;
    assert.ok(low < 200 && low > 196 && high > 200 && high < 204);
    assert.equal(finding.waves, 6);
    assert.equal(finding.trend, 'steady');
  });

  it('tells a rise that slows', () => {
    const finding = judge(900, 800, 700, 400, 300, 250, 240);
    assert.ok(finding.kind === 'rising');
    assert.equal(finding.trend, 'slowing');
  });

  it('never finds a leak in what stays within a step, whatever it does', () => {
    const within = fc.array(fc.integer({ min: 0, max: 128 * 1024 }), {
      minLength: 4,
      maxLength: 12,
    });
    fc.assert(
      fc.property(within, fc.integer({ min: 0, max: 100_000_000 }), (moves, base) => {
        const floors = moves.map((move) => ({
          bytes: base + move,
          outsideMallocBytes: 0,
          processes: 1,
          kinds: new Map(),
        }));
        const opened = sizes.slice(0, floors.length);
        const { kind } = judgeHoldings({ floors, opened, leastStepBytes: 128 * 1024 });
        assert.equal(kind, 'bounded');
      }),
    );
  });

  it('always finds 200 bytes per connection, though each floor is off by a tenth of a step', () => {
    const leak = fc.integer({ min: 200, max: 65_536 });
    const errors = fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), {
      minLength: 4,
      maxLength: 12,
    });
    fc.assert(
      fc.property(leak, errors, (rate, off) => {
        let openedTotal = 0;
        const floors = off.map((error, index) => {
          openedTotal += sizes[index] ?? 0;
          const bytes = rate * (openedTotal + 10_000 * error);
          return { bytes, outsideMallocBytes: 0, processes: 1, kinds: new Map() };
        });
        const opened = sizes.slice(0, floors.length);
        const finding = judgeHoldings({ floors, opened, leastStepBytes: 128 * 1024 });
        assert.ok(finding.kind === 'rising');
        assert.ok(Math.abs(finding.growth.slope / rate - 1) < 0.1, String(finding.growth.slope));
      }),
    );
  });

  it('takes a rise of a small wave for the program’s own work', () => {
    const floors = [0, 1, 2, 3].map((step) => ({
      bytes: step * 100_000,
      outsideMallocBytes: 0,
      processes: 1,
      kinds: new Map(),
    }));
    const series = { floors, opened: [100, 100, 100, 100] };
    assert.equal(judgeHoldings({ ...series, leastStepBytes: 128 * 1024 }).kind, 'bounded');
    assert.equal(judgeHoldings({ ...series, leastStepBytes: 64 * 1024 }).kind, 'rising');
  });
});

describe('findRisingKinds()', () => {
  const opened = [997, 991, 983];

  it('finds whole blocks per connection, and others, by how much they come to', () => {
    let total = 0;
    const floors = [0, ...opened].map((size) => {
      total += size;
      return holdings({ 4112: 50 + total, 64: 9000, 96: 2 * total, 1008: Math.ceil(total / 10) });
    });
    assert.deepEqual(
      findRisingKinds(floors, opened).map(({ name, perConnection, isWhole }) => [
        name,
        Number(perConnection.toFixed(2)),
        isWhole,
      ]),
      [
        ['4112', 1, true],
        ['96', 2, true],
        ['1008', 0.1, false],
      ],
    );
  });

  it('finds the small object that keeps each large one', () => {
    const floors = [0, ...opened].map((_, index) => {
      const kept = opened.slice(0, index).reduce((sum, each) => sum + each / 10, 0);
      const kinds = {
        bytes: [kept, 65_536 * kept],
        Session: [kept, 48 * kept],
        list: [7 + index, 56 * index],
      };
      return {
        ...holdings({}),
        kinds: new Map(
          Object.entries(kinds).map(([name, [count = 0, bytes = 0]]) => [name, { count, bytes }]),
        ),
      };
    });
    assert.deepEqual(
      findRisingKinds(floors, opened).map(({ name }) => name),
      ['bytes', 'Session'],
    );
  });

  it('finds none that fall in between, or come to nothing', () => {
    const of = (...counts: readonly number[]) =>
      findRisingKinds(
        counts.map((count) => holdings({ 4112: count })),
        opened,
      );
    assert.deepEqual(of(1000, 3000, 2900, 5000), []);
    assert.deepEqual(of(1000, 1001, 1002, 1003), []);
  });
});
