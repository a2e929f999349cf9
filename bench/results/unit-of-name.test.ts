import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleColumns, workerColumns } from './sample-columns.js';
import { unitOf, unitOfName } from './unit-of-name.js';

describe('unitOfName()', () => {
  it('reads the unit at the end of a name', () => {
    for (const [name, unit] of [
      ['rss_bytes', 'bytes'],
      ['elapsed_s', 'seconds'],
      ['loadgen_lag_ms', 'milliseconds'],
      ['connect_rate_per_s', 'per second'],
      ['cpu_percent', '% of one core'],
      ['connections', 'count'],
      ['connections_opened_total', 'count'],
      ['bytes_per_connection_low', 'bytes per connection'],
      ['js_bytes_per_connection', 'bytes per connection'],
      ['waves[0].floor.rss_bytes', 'bytes'],
      ['waves[0].per_connection.rss_bytes', 'bytes per connection'],
      ['waves[0].per_connection_over_baseline.rss_bytes', 'bytes per connection'],
      ['bytes_pushed', 'bytes'],
      ['wave', ''],
      ['phase', ''],
    ] as const) {
      assert.equal(unitOfName(name), unit, name);
    }
  });

  it('knows that of every column with decimals', () => {
    for (const [name, { type }] of Object.entries({ ...sampleColumns, ...workerColumns })) {
      if (type === 'decimal') assert.notEqual(unitOfName(name), '', name);
    }
  });
});

describe('unitOf()', () => {
  for (const [field, unit] of [
    ['bytes_per_connection_low', 'bytes'],
    ['judgements.0.floors_bytes.3', 'bytes'],
    ['connect_p99_ms', 'ms'],
    ['duration_s', 's'],
    ['connect_rate_per_s', 'per_s'],
    ['waves_asked', 'none'],
    ['bytesize', 'none'],
  ] as const) {
    it(`of ${field} is ${unit}`, () => {
      assert.equal(unitOf(field), unit);
    });
  }
});
