import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FinishedRun, parseSummary } from '../results/read-summary.js';
import { findDifferences } from './differences.js';

const before = {
  schema_version: 1,
  outcome: 'completed',
  connections: 2000,
  verdict: 'released',
  bytes_per_connection: 800,
  bytes_per_connection_low: 770,
  bytes_per_connection_high: 830,
  connect_p99_ms: 10,
} as const;

function earlier(fields: object): FinishedRun {
  return { name: 'main|1', path: '', summary: parseSummary({ ...before, ...fields }) };
}

describe('findDifferences()', () => {
  it('tells what a figure differs by, and whether that is more than noise', () => {
    const now = {
      ...before,
      bytes_per_connection: 900,
      bytes_per_connection_low: 860,
      bytes_per_connection_high: 940,
      connect_p99_ms: 12,
      verdict: 'growing',
    };
    const differences = findDifferences(earlier({}), now);
    assert.equal(differences.earlier, '`main|1`');
    assert.equal(
      differences.of('bytes_per_connection'),
      '+100 B (+12.5 %), more than noise (50 B)',
    );
    assert.equal(differences.of('connect_p99_ms'), '+2.0 ms (+20.0 %), noise not known');
    assert.equal(differences.of('verdict'), 'was released');
    assert.equal(differences.of('growth_bytes_per_connection'), '–');
    assert.equal(differences.of('no such field'), '');
    assert.deepEqual(differences.notes, []);
  });

  it('says so where nothing differs', () => {
    const differences = findDifferences(earlier({}), before);
    assert.equal(differences.of('bytes_per_connection'), '=');
    assert.equal(differences.of('verdict'), '=');
  });

  it('warns of another load, and of an earlier run that was not completed', () => {
    const failed = { connections: 10, outcome: 'failed', reason: 'The target died' };
    assert.deepEqual(findDifferences(earlier(failed), before).notes, [
      'The runs differ in how they were made (connections), so other differences may come from that',
      'main|1: The target died',
    ]);
  });
});
