import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Latencies } from './latencies.js';

function latenciesOf(values: readonly number[]): Latencies {
  const latencies = new Latencies();
  for (const value of values) latencies.recordMs(value);
  return latencies;
}

describe('Latencies', () => {
  it('summarizes in milliseconds', () => {
    const { histogram, ...figures } = latenciesOf([1, 2, 3, 4]).summarize();
    assert.deepEqual(figures, {
      count: 4,
      min_ms: 1,
      mean_ms: 2.5005,
      p50_ms: 2,
      p90_ms: 4,
      p99_ms: 4,
      p999_ms: 4,
      max_ms: 4,
    });
    assert.equal(new Latencies(histogram).count, 4);
  });

  it('has figures of 0 without values, and takes negative and very long ones', () => {
    const { histogram, ...figures } = new Latencies().summarize();
    assert.ok(Object.values(figures).every((figure) => figure === 0));
    assert.equal(new Latencies(histogram).count, 0);
    const extremes = latenciesOf([-1, 1e12]);
    assert.equal(extremes.count, 2);
    assert.ok(extremes.percentileMs(100) >= 3_600_000);
  });

  it('adds up exactly, through encoding and decoding', () => {
    const values = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }));
    fc.assert(
      fc.property(values, values, (ours, theirs) => {
        const merged = new Latencies(latenciesOf(ours).encode());
        merged.add(new Latencies(latenciesOf(theirs).encode()));
        const { histogram: one, ...figures } = merged.summarize();
        // Encoding rounds the largest value up within its bucket, so both sides go through it.
        const whole = new Latencies(latenciesOf([...ours, ...theirs]).encode());
        const { histogram: other, ...expected } = whole.summarize();
        assert.equal(typeof one, typeof other);
        assert.deepEqual(figures, expected);
      }),
      { numRuns: 30 },
    );
  });
});
