import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addCounts } from '../report/counts.js';
import { Latencies } from '../report/latencies.js';
import { exampleSummary } from './example-summary.fixture.js';
import { mergeSummaries } from './merge-summaries.js';

describe('mergeSummaries()', () => {
  it('adds counts, rates and CPU, and counts times from the earliest start', () => {
    const merged = mergeSummaries([
      {
        name: 'a',
        summary: exampleSummary(3000, {
          rate_asked_per_s: 600,
          cpu_percent: 20,
          busiest_process_cpu_percent: 15,
          errors: { refused: 2 },
        }),
      },
      {
        name: 'b',
        summary: exampleSummary(2999, {
          started_at: '2026-01-31T12:00:00.500Z',
          ended_at: '2026-01-31T12:00:11.000Z',
          rate_asked_per_s: 600,
          cpu_percent: 30,
          busiest_process_cpu_percent: 30,
          errors: { refused: 1, timed_out: 4 },
        }),
      },
    ]);
    assert.equal(merged.connections_opened_total, 5999);
    assert.equal(merged.rate_asked_per_s, 1200);
    assert.equal(merged.ramp_s, 5.5);
    assert.equal(merged.elapsed_s, 10.5);
    assert.equal(merged.rate_achieved_per_s, 5999 / 5.5);
    assert.equal(merged.peak_connections, 5999);
    assert.equal(merged.cpu_percent, 50);
    assert.equal(merged.busiest_process_cpu_percent, 30);
    assert.equal(merged.started_at, '2026-01-31T12:00:00.000Z');
    assert.equal(merged.ended_at, '2026-01-31T12:00:11.000Z');
    assert.deepEqual(merged.errors, { refused: 3, timed_out: 4 });
    assert.equal(merged.outcome, 'completed');
  });

  it('adds the rates of shards that churn', () => {
    const shard = exampleSummary(1000, { churns: true, rate_achieved_per_s: 100 });
    const merged = mergeSummaries([
      { name: 'a', summary: shard },
      { name: 'b', summary: shard },
    ]);
    assert.equal(merged.rate_achieved_per_s, 200);
  });

  it('says which shard did not complete, was saturated or did not reconcile', () => {
    const merged = mergeSummaries([
      { name: 'a', summary: exampleSummary(10, { saturated: true, saturation: ['lag'] }) },
      { name: 'b', summary: exampleSummary(5, { outcome: 'interrupted', reason: 'Ctrl-C' }) },
      {
        name: 'c',
        summary: exampleSummary(5, {
          outcome: 'failed',
          reason: 'died',
          discrepancies: ['x is not y'],
        }),
      },
    ]);
    assert.equal(merged.outcome, 'failed');
    assert.equal(merged.reason, 'b: Ctrl-C; c: died');
    assert.deepEqual(merged.saturation, ['a: lag']);
    assert.equal(merged.saturated, true);
    assert.deepEqual(merged.discrepancies, ['c: x is not y']);
  });

  it('has the percentiles of all values together', () => {
    const values = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(values, { minLength: 2, maxLength: 5 }), (shards) => {
        const merged = mergeSummaries(
          shards.map((each, index) => ({
            name: `shard ${index}`,
            summary: exampleSummary(each.length, {}, each),
          })),
        );
        const all = shards.flat().sort((one, other) => one - other);
        assert.equal(merged.latency.connect.count, all.length);
        for (const [percentile, found] of [
          [50, merged.latency.connect.p50_ms],
          [90, merged.latency.connect.p90_ms],
          [99, merged.latency.connect.p99_ms],
        ] as const) {
          const exact = all[Math.ceil((all.length * percentile) / 100) - 1] ?? 0;
          // Three significant digits of whole microseconds.
          assert.ok(Math.abs(found - exact) <= exact * 0.001 + 0.001, `${found} for ${exact}`);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('merges encoded distributions as exactly as one that saw all values', () => {
    const one = mergeSummaries([
      { name: 'a', summary: exampleSummary(3, {}, [1, 2, 3]) },
      { name: 'b', summary: exampleSummary(2, {}, [1000, 0.5]) },
    ]);
    const all = new Latencies();
    for (const value of [1, 2, 3, 1000, 0.5]) all.recordMs(value);
    assert.equal(one.latency.connect.count, 5);
    assert.equal(one.latency.connect.p50_ms, all.percentileMs(50));
    assert.equal(one.latency.connect.p99_ms, new Latencies(all.encode()).percentileMs(99));
  });

  it('refuses shards that went to different servers, and none at all', () => {
    assert.throws(() => mergeSummaries([]), RangeError);
    assert.throws(
      () =>
        mergeSummaries([
          { name: 'a', summary: exampleSummary(1) },
          { name: 'b', summary: exampleSummary(1, { url: 'ws://127.0.0.1:2' }) },
        ]),
      /different addresses: ws:\/\/127.0.0.1:1, ws:\/\/127.0.0.1:2/,
    );
  });
});

describe('addCounts()', () => {
  it('adds every count of two halves to that of the whole', () => {
    const halves = addCounts([exampleSummary(7), exampleSummary(6)]);
    const { errors, ...numbers } = halves;
    assert.deepEqual(errors, {});
    const whole = exampleSummary(13);
    for (const [name, value] of Object.entries(numbers)) {
      assert.equal(value, whole[name as keyof typeof numbers], name);
    }
  });
});
