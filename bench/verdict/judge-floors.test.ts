import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeFloors } from './judge-floors.js';
import { type Judgement } from '../results/summary.js';

const mebibyte = 1024 * 1024;

/** Floors in MiB over a baseline of 50 MiB, after waves of 10,000 connections that held `peak` MiB. */
function judge(floors: readonly number[], peak = 100, noiseBytes = 0): Judgement {
  return judgeFloors({
    baselineBytes: 50 * mebibyte,
    peakBytes: (50 + peak) * mebibyte,
    floors: floors.map((growth, index) => ({
      bytes: (50 + growth) * mebibyte,
      openedTotal: 10_000 * (index + 1),
    })),
    noiseBytes,
  });
}

describe('judgeFloors()', () => {
  const cases: readonly (readonly [string, readonly number[], number, string])[] = [
    ['everything came back', [0, 0.1, -0.1, 0], 100, 'released'],
    ['a warm-up was kept, small beside the peak', [2, 2.1, 2, 2.2], 100, 'released'],
    ['memory is kept once and used again', [60, 60.2, 60.1, 60.3], 100, 'retained'],
    ['a cache fills up in two waves', [20, 40, 40.1, 40], 100, 'retained'],
    [
      'a cache fills up in three of eight waves',
      [20, 40, 60, 60, 60.1, 60, 60.2, 60.1],
      100,
      'retained',
    ],
    ['200 bytes per connection leak', [3, 4.9, 6.8, 8.7, 10.6, 12.5], 10, 'growing, steady'],
    ['they leak from the first wave on', [1.9, 3.8, 5.7, 7.6, 9.5, 11.4], 10, 'growing, steady'],
    ['four floors rise, which no count confirms', [1.9, 3.8, 5.7, 7.6], 10, 'inconclusive'],
    ['an arena fills in two steps', [3, 3, 9, 9, 9, 15, 15, 15], 10, 'inconclusive'],
    [
      // netty/netty#9803, reproduced with 4,000 connections on Netty 4.1.48, base 55 MB.
      'it is the case of Netty',
      [519, 760, 891, 988, 1074, 1170, 1166, 1200].map((floor) => floor - 55),
      1250,
      'growing, slowing',
    ],
    [
      // The same with 5,000 connections, measured here.
      'it is the case of Netty, levelling off',
      [563, 916, 1044, 1157, 1280, 1321, 1321, 1331].map((floor) => floor - 25),
      1300,
      'growing, slowing',
    ],
    [
      'a cache fills up in five of eight waves',
      [20, 40, 60, 80, 100, 100, 100.1, 100],
      110,
      'retained',
    ],
    // `ws` at 10,000 connections, malloc: 20 bytes per connection.
    ['a server warms up', [18, 18.2, 18.4, 18.6], 40, 'retained'],
    ['the memory falls', [60, 50, 40, 30], 100, 'retained'],
    ['floors jump about', [10, 90, 20, 95, 15], 100, 'inconclusive'],
    ['three waves rise', [10, 20, 30], 100, 'inconclusive'],
    ['one wave has come back', [0], 100, 'inconclusive'],
    ['two waves have come back', [0, 0.1], 100, 'released'],
  ];
  for (const [name, floors, peak, expected] of cases) {
    it(`says ${expected} where ${name}`, () => {
      const { verdict, trend } = judge(floors, peak);
      assert.equal(trend === undefined ? verdict : `${verdict}, ${trend}`, expected);
    });
  }

  it('gives a leak in bytes per connection opened, with an interval that holds the truth', () => {
    const leak = judge([3, 4.9, 6.8, 8.75, 10.6, 12.5], 10);
    const truth = (1.9 * mebibyte) / 10_000;
    const { growth_bytes_per_connection: growth = 0 } = leak;
    assert.ok(Math.abs(growth - truth) < 0.02 * truth, `${growth} is not ${truth}`);
    assert.ok((leak.growth_bytes_per_connection_low ?? 0) <= truth);
    assert.ok((leak.growth_bytes_per_connection_high ?? 0) >= truth);
  });

  it('says how many waves it takes', () => {
    const few = judge([10, 20, 30]);
    assert.equal(few.waves_needed, 4);
    assert.match(few.reason, /run 4 waves/);
  });

  it('takes a rise within three times the scatter of the samples for noise', () => {
    const rising = [0, 1, 2, 3, 4, 5].map((growth) => 20 + growth);
    assert.equal(judge(rising, 10, 0).verdict, 'growing');
    assert.equal(judge(rising, 10, mebibyte).verdict, 'retained');
  });
});
