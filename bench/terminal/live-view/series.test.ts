import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addToSeries, emptySeries, progressBar, resample, sparkline } from './series.js';
import { describe, it } from 'node:test';

function seriesOf(values: readonly number[]) {
  return values.reduce(addToSeries, emptySeries);
}

describe('addToSeries()', () => {
  it('keeps each sample of a short run', () => {
    assert.deepEqual(seriesOf([3, 1, 2]).means, [3, 1, 2]);
  });

  it('merges neighbours when it is full, and from then on waits for two', () => {
    const counting = Array.from({ length: 512 }, (_, index) => index);
    const full = seriesOf(counting);
    assert.equal(full.means.length, 256);
    assert.deepEqual(full.means.slice(0, 3), [0.5, 2.5, 4.5]);
    const one = addToSeries(full, 512);
    assert.equal(one.means.length, 256);
    assert.equal(addToSeries(one, 513).means.at(-1), 512.5);
  });

  it('is bounded, and each of its values stands for as many samples', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), (length) => {
        const series = seriesOf(Array.from({ length }, () => 1));
        assert.ok(series.means.length < 512);
        const samples = series.means.length * series.samplesPerMean + series.pending.length;
        assert.equal(samples, length);
      }),
      { numRuns: 20 },
    );
  });
});

describe('resample()', () => {
  it('spreads values evenly, also where they do not divide', () => {
    assert.deepEqual(resample([1, 3, 5, 7], 2), [2, 6]);
    assert.deepEqual(resample([1, 2, 3, 4, 6], 2), [1.5, 13 / 3]);
    assert.deepEqual(resample([1, 2], 3), [1, 2]);
  });
});

describe('sparkline()', () => {
  it('goes from the lowest value to the highest', () => {
    assert.equal(sparkline([10, 20, 30, 40, 50, 60, 70, 80], 8), '▁▂▃▄▅▆▇█');
    assert.equal(sparkline([5, 1, 5], 10), '█▁█');
  });

  it('draws each column as the mean of its share', () => {
    assert.equal(sparkline([0, 2, 7, 9], 2), '▁█');
  });

  it('draws a change of less than 2 % low, for it may be noise', () => {
    assert.equal(sparkline([1000, 1001, 1000], 3), '▁▁▁');
  });

  it('draws values that are all the same, zeros included, and none at all', () => {
    assert.equal(sparkline([7, 7], 5), '▁▁');
    assert.equal(sparkline([0, 0], 5), '▁▁');
    assert.equal(sparkline([], 5), '');
  });

  it('is never wider than asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { maxLength: 700 }),
        fc.integer({ min: 1, max: 200 }),
        (values, width) => {
          const drawn = sparkline(values, width);
          assert.match(drawn, /^[▁-█]*$/);
          assert.equal(drawn.length, Math.min(width, values.length));
        },
      ),
    );
  });
});

describe('progressBar()', () => {
  for (const [part, drawn] of [
    [0, '░░░░'],
    [0.5, '██░░'],
    [1, '████'],
    [1.2, '████'],
    [-0.1, '░░░░'],
  ] as const) {
    it(`draws ${part} as ${drawn}`, () => {
      assert.equal(progressBar(part, 4), drawn);
    });
  }
});
