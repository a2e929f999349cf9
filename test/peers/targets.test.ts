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
    assert.equal(find('the C client’s own ramp of 1,000,000').measured, '0.54: 60 s ÷ 111 s');
    assert.equal(find('memory used in all').measured, '11.0 GB');
    assert.equal(find('generator CPU').measured, '2.33: 42.0 µs');
    assert.equal(find('the C client’s own ramp of 400,000').measured, '0.60: 30 s ÷ 50 s');
    assert.equal(find('server CPU per connection').measured, '1.00: 19.0 µs');
    assert.equal(find('churn').measured, '20.0 ms at 1,999/s');
  });

  it('says which are missed', () => {
    const figures = { ...exampleRun(1_000_000), rampSeconds: 121 };
    const ramps = [{ figures, cSeconds: 60 }];
    const slow = find('the C client’s own ramp of 1,000,000', { growth: [figures], ramps });
    assert.equal(slow.isMet, false);
    const late = { ...exampleRun(1_000_000), lastTenthOverFirst: 0.4 };
    assert.equal(find('rate of its last tenth', { growth: [late] }).isMet, false);
  });

  it('leaves open what was not measured', () => {
    const row = find('the C client’s own ramp of 1,000,000', { growth: [] });
    assert.equal(row.isMet, undefined);
    assert.equal(row.measured, 'not measured');
    const withoutBun = exampleResults.servers.filter(({ name }) => name !== 'Bun');
    assert.equal(find('server CPU per echo, over Bun', { servers: withoutBun }).isMet, undefined);
  });
});
