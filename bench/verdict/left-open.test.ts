import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeLeftOpen } from './left-open.js';
import type { RunRecord } from './run-record.js';

/** A run of two waves of 1,000, of whose connections so many went silent. */
function describeRun(silentPerWave: number, ...descriptors: (number | undefined)[]) {
  const wave = {
    connections_opened_total: 1000,
    connections_ended_silently_total: silentPerWave,
  };
  const floors = descriptors.map((each) => ({ descriptors: each }));
  return describeLeftOpen({ waves: [wave, wave], floors } as unknown as RunRecord);
}

describe('describeLeftOpen()', () => {
  it('says nothing where all are closed, or nothing is known', () => {
    assert.equal(describeRun(0, 20, 21, 19), undefined);
    assert.equal(describeRun(0, undefined, 500, 1000), undefined);
    assert.equal(describeRun(0, 20), undefined);
  });

  it('tells those of silent clients from others that stay open', () => {
    assert.match(
      describeRun(100, 20, 120, 220) ?? '',
      /^200 of the 200 connections whose clients went silent are still open/,
    );
    assert.match(describeRun(100, 20, 120, 150) ?? '', /^130 of the 200/);
    assert.match(describeRun(0, 20, 120, 220) ?? '', /still has 200 descriptors more open/);
    assert.match(describeRun(10, 20, 1020, 2020) ?? '', /still has 2,000 descriptors more open/);
  });

  it('says that the server has noticed', () => {
    assert.match(describeRun(100, 20, 20, 22) ?? '', /has closed the 200 connections/);
  });
});
