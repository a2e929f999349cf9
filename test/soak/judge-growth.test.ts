import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fewestSamples, type GrowthSample, judgeGrowth } from './judge-growth.js';

const bounds = { negligibleBytes: 4, visibleBytes: 100 };

/** Eight minutes at 500 connections per second, sampled every 10 s. */
const count = 48;
const perSample = 5000;
const mebibyte = 2 ** 20;

function seriesOf(bytesOf: (index: number) => number, length = count): GrowthSample[] {
  return Array.from({ length }, (_, index) => ({
    elapsedSeconds: 10 * index,
    openedTotal: perSample * index,
    bytes: 40 * mebibyte + bytesOf(index),
  }));
}

/** Numbers between -1 and 1 that follow no pattern, the same each time. */
function noise(index: number): number {
  const value = Math.sin(index * 12.9898) * 43_758.5453;
  return 2 * (value - Math.floor(value)) - 1;
}

const jitter = (index: number): number => 200 * 1024 * noise(index);

describe('judgeGrowth()', () => {
  it('calls flat what only jitters', () => {
    const judgement = judgeGrowth(seriesOf(jitter), bounds);
    assert.equal(judgement.verdict, 'flat');
    assert.ok((judgement.smallestLeakBytes ?? NaN) < 20, String(judgement.smallestLeakBytes));
  });

  it('calls flat the sawtooth of a collector', () => {
    const sawtooth = (index: number): number => (index % 7) * 0.2 * mebibyte + jitter(index);
    assert.equal(judgeGrowth(seriesOf(sawtooth), bounds).verdict, 'flat');
  });

  for (const leakBytes of [30, 200, 2000]) {
    it(`calls ${leakBytes} B per connection growing, and names the size`, () => {
      const leak = (index: number): number => leakBytes * perSample * index + jitter(index);
      const { verdict, perConnection } = judgeGrowth(seriesOf(leak), bounds);
      assert.equal(verdict, 'growing');
      const { slope = NaN, low = NaN, high = NaN } = perConnection ?? {};
      assert.ok(Math.abs(slope - leakBytes) < 3, String(slope));
      assert.ok(low < leakBytes && leakBytes < high, `${low} to ${high}`);
    });
  }

  it('calls a leak growing under a sawtooth, too', () => {
    const both = (index: number): number =>
      200 * perSample * index + (index % 7) * 0.2 * mebibyte + jitter(index);
    assert.equal(judgeGrowth(seriesOf(both), bounds).verdict, 'growing');
  });

  it('calls a leak growing that it sees in a run of four minutes', () => {
    const leak = (index: number): number => 200 * perSample * index + jitter(index);
    assert.equal(judgeGrowth(seriesOf(leak, 19), bounds).verdict, 'growing');
  });

  it('calls growth below the negligible bound flat', () => {
    const creeping = (index: number): number => 3 * perSample * index;
    const { verdict, perConnection } = judgeGrowth(seriesOf(creeping), bounds);
    assert.equal(verdict, 'flat');
    assert.ok(Math.abs((perConnection?.slope ?? NaN) - 3) < 1e-6);
  });

  it('does not call one step growing, wherever it is', () => {
    for (const at of [5, 16, 24, 32, 43]) {
      const step = (index: number): number => (index < at ? 0 : 4 * mebibyte) + jitter(index);
      assert.notEqual(judgeGrowth(seriesOf(step), bounds).verdict, 'growing', `step at ${at}`);
    }
  });

  it('does not call growing what has filled up', () => {
    const filling = (index: number): number =>
      Math.min(index, count / 3) * perSample * 200 + jitter(index);
    assert.notEqual(judgeGrowth(seriesOf(filling), bounds).verdict, 'growing');
  });

  it('calls no growth what rises by a step of an allocator in all', () => {
    const step = (index: number): number => index * 1000;
    const fine = { negligibleBytes: 0.1, visibleBytes: 100 };
    assert.equal(judgeGrowth(seriesOf(step), fine).verdict, 'flat');
    assert.equal(
      judgeGrowth(
        seriesOf((index) => index * 10_000),
        fine,
      ).verdict,
      'growing',
    );
  });

  it('calls too short what has too few samples, or takes too little time', () => {
    const leak = (index: number): number => 200 * perSample * index;
    const few = judgeGrowth(seriesOf(leak, fewestSamples - 1), bounds);
    assert.deepEqual(
      [few.verdict, few.perConnection, few.smallestLeakBytes],
      ['too short', undefined, undefined],
    );
    const quick = seriesOf(leak).map((sample) => ({
      ...sample,
      elapsedSeconds: sample.elapsedSeconds / 10,
    }));
    assert.equal(judgeGrowth(quick, bounds).verdict, 'too short');
    assert.equal(judgeGrowth([], bounds).verdict, 'too short');
  });

  it('calls too short what scatters so much that a leak could be missed', () => {
    const wild = (index: number): number => 60 * mebibyte * noise(index);
    assert.equal(judgeGrowth(seriesOf(wild), bounds).verdict, 'too short');
  });

  it('gives the level at the beginning and at the end', () => {
    const { beginBytes, endBytes, samples } = judgeGrowth(
      seriesOf((index) => index * 1000),
      bounds,
    );
    // Medians of the first and the last four of 48.
    assert.deepEqual(
      [beginBytes, endBytes, samples],
      [40 * mebibyte + 1500, 40 * mebibyte + 45_500, 48],
    );
  });
});
