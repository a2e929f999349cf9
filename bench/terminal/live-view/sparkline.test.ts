import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { progressBar, sparkline } from './sparkline.js';

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
