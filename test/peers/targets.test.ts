import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleResults, exampleRun } from './example-results.fixture.js';
import type { BenchmarkResults } from './results.js';
import { checkTargets, type TargetRow } from './targets.js';

function find(what: string, changes: Partial<BenchmarkResults> = {}): TargetRow {
  const rows = checkTargets({ ...exampleResults, ...changes });
  const found = rows.find((row) => row.what.startsWith(what));
  assert.ok(found !== undefined, what);
  return found;
}

describe('checkTargets()', () => {
  it('says that all are met where all are', () => {
    const missed = checkTargets(exampleResults).filter(({ isMet }) => isMet !== true);
    assert.deepEqual(missed, []);
  });

  it('says what each comes to', () => {
    assert.equal(find('ramp of 1,000,000').measured, '111 s');
    assert.equal(find('memory used in all').measured, '11.0 GB');
    assert.equal(find('generator CPU').measured, '70.0 µs, 3.89 × C');
    assert.equal(find('ramp end to end, 400,000').measured, '0.42: 8,000/s');
    assert.equal(find('server CPU per connection').measured, '20.0 µs, 1.05 × Bun');
    assert.equal(find('churn').measured, '20.0 ms at 1,999/s');
  });

  it('says which are missed', () => {
    const slow = { ...exampleRun(1_000_000), rampSeconds: 121 };
    assert.equal(find('ramp of 1,000,000', { growth: [slow] }).isMet, false);
    const ramp = { figures: exampleRun(400_000), baselinePerSecond: 30_000 };
    assert.equal(find('ramp end to end', { ramp }).isMet, false);
  });

  it('leaves open what was not measured', () => {
    const row = find('ramp of 1,000,000', { growth: [] });
    assert.equal(row.isMet, undefined);
    assert.equal(row.measured, 'not measured');
    const withoutBun = exampleResults.servers.filter(({ name }) => name !== 'Bun');
    assert.equal(find('server CPU per echo, over Bun', { servers: withoutBun }).isMet, undefined);
  });
});
