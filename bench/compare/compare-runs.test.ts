import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Cell, compareRuns, type Comparison } from './compare-runs.js';
import { formatComparison } from './compare-table.js';
import { type FinishedRun, parseSummary } from '../results/read-summary.js';

function run(name: string, fields: object): FinishedRun {
  const summary = parseSummary({ schema_version: 1, outcome: 'completed', ...fields });
  return { name, path: `/runs/${name}/summary.json`, summary };
}

function waves(field: string, ...values: readonly number[]): object {
  return { waves: values.map((value) => ({ per_connection_over_baseline: { [field]: value } })) };
}

function cellOf(comparison: Comparison, field: string, index = 1): Cell | undefined {
  return comparison.rows.find((row) => row.field === field)?.cells[index];
}

function compare(field: string, first: object, other: object): Cell['difference'] {
  return cellOf(compareRuns([run('before', first), run('after', other)]), field)?.difference;
}

describe('compareRuns()', () => {
  it('compares figures with intervals by them', () => {
    const interval = (value: number, half: number): object => ({
      bytes_per_connection: value,
      bytes_per_connection_low: value - half,
      bytes_per_connection_high: value + half,
    });
    assert.deepEqual(compare('bytes_per_connection', interval(800, 30), interval(900, 40)), {
      state: 'more',
      amount: 100,
      percent: 12.5,
      noise: 50,
      evidence: 'intervals',
    });
    assert.deepEqual(compare('bytes_per_connection', interval(800, 30), interval(760, 40)), {
      state: 'within',
      amount: -40,
      percent: -5,
      noise: 50,
      evidence: 'intervals',
    });
    assert.deepEqual(
      compare('bytes_per_connection', interval(800, 30), { bytes_per_connection: 900 }),
      { state: 'unknown', amount: 100, percent: 12.5, reason: 'needs an interval in both runs' },
    );
  });

  it('does not call a difference more than noise that is just as large', () => {
    const first = {
      growth_bytes_per_connection: 0,
      growth_bytes_per_connection_low: -3,
      growth_bytes_per_connection_high: 3,
    };
    const other = {
      growth_bytes_per_connection: 5,
      growth_bytes_per_connection_low: 1,
      growth_bytes_per_connection_high: 9,
    };
    // No percent: the first is 0.
    assert.deepEqual(compare('growth_bytes_per_connection', first, other), {
      state: 'within',
      amount: 5,
      noise: 5,
      evidence: 'intervals',
    });
  });

  it('compares figures of each wave by their scatter', () => {
    const before = { rss_bytes_per_connection: 10, ...waves('rss_bytes', 9, 11) };
    const after = { rss_bytes_per_connection: 40, ...waves('rss_bytes', 38, 42) };
    // Variances of the means 1 and 4, 1 degree of freedom: 12.706 × √5 = 28.41.
    const difference = compare('rss_bytes_per_connection', before, after);
    assert.equal(difference?.state, 'more');
    assert.equal(difference.evidence, 'waves');
    assert.equal(difference.noise.toFixed(2), '28.41');
    const near = { ...after, rss_bytes_per_connection: 38 };
    assert.equal(compare('rss_bytes_per_connection', before, near)?.state, 'within');
  });

  it('does not know the noise of a single wave', () => {
    const one = { rss_bytes_per_connection: 10, ...waves('rss_bytes', 10) };
    const two = { rss_bytes_per_connection: 40, ...waves('rss_bytes', 40) };
    assert.equal(compare('rss_bytes_per_connection', one, two)?.state, 'unknown');
  });

  it('adds the two parts of kernel memory up', () => {
    const kernel = (sockets: number, buffers: number) => ({
      per_connection_over_baseline: {
        kernel_sockets_bytes: sockets,
        kernel_tcp_buffers_bytes: buffers,
      },
    });
    const before = { kernel_bytes_per_connection: 10, waves: [kernel(8, 1), kernel(11, 0)] };
    const after = { kernel_bytes_per_connection: 40, ...waves('kernel_bytes', 38, 42) };
    assert.equal(compare('kernel_bytes_per_connection', before, after)?.state, 'more');
  });

  it('compares counts by those of each wave, and knows equal ones without', () => {
    const errors = (...counts: readonly number[]): object => ({
      connect_errors: counts.reduce((sum, count) => sum + count, 0),
      waves: counts.map((count) => ({ connect_errors: count })),
    });
    assert.deepEqual(compare('connect_errors', errors(0, 0), errors(0, 0)), { state: 'equal' });
    assert.equal(compare('connect_errors', errors(0, 0, 0), errors(50, 52, 48))?.state, 'more');
    assert.equal(compare('connect_errors', errors(0, 0, 0), errors(0, 1, 0))?.state, 'within');
    assert.equal(compare('connect_errors', errors(0), errors(50))?.state, 'unknown');
  });

  it('does not know the noise of what a run has once', () => {
    for (const [field, document] of [
      ['connect_p99_ms', (value: number) => ({ connect_p99_ms: value })],
      ['baseline.rss_bytes', (value: number) => ({ baseline: { rss_bytes: value } })],
      [
        'waves.<last>.floor.rss_bytes',
        (value: number) => ({ waves: [{ floor: { rss_bytes: value } }] }),
      ],
    ] as const) {
      assert.deepEqual(compare(field, document(100), document(150)), {
        state: 'unknown',
        amount: 50,
        percent: 50,
        reason: 'one value per run does not tell how it scatters',
      });
    }
  });

  it('gives no share of a negative figure', () => {
    const difference = compare(
      'js_bytes_per_connection',
      { js_bytes_per_connection: -400 },
      { js_bytes_per_connection: 100 },
    );
    assert.deepEqual(difference, {
      state: 'unknown',
      amount: 500,
      reason: 'needs two waves or more in both runs that differ',
    });
  });

  it('tells facts that differ, numbers among them by how much', () => {
    assert.deepEqual(compare('target', { target: 'uws' }, { target: 'ws' }), {
      state: 'different',
    });
    assert.deepEqual(compare('connections', { connections: 100 }, { connections: 150 }), {
      state: 'different',
      amount: 50,
      percent: 50,
    });
    assert.deepEqual(compare('verdict', { verdict: 'growing' }, { verdict: 'growing' }), {
      state: 'equal',
    });
  });

  it('never takes the unknown for 0', () => {
    const comparison = compareRuns([run('before', { connect_p99_ms: null }), run('after', {})]);
    for (const { field, cells } of comparison.rows.filter((row) => row.field !== 'outcome')) {
      assert.deepEqual(cells[0], {}, field);
      const difference = { state: 'unknown', reason: 'not known of both runs' };
      assert.deepEqual(cells[1], { difference }, field);
    }
  });

  it('has rows for the greeting and the compression if a target tells them', () => {
    const facts = { greeting: '', compression: 'shared' };
    const comparison = compareRuns([run('before', {}), run('after', { target_facts: facts })]);
    assert.equal(cellOf(comparison, 'target_facts.greeting')?.value, '""');
    assert.equal(cellOf(comparison, 'target_facts.compression')?.value, 'shared');
    assert.equal(cellOf(comparison, 'target_facts.allocator'), undefined);
  });

  it('compares each run with the first', () => {
    const runs = [100, 110, 90].map((value, index) => run(`${index}`, { connect_p50_ms: value }));
    const comparison = compareRuns(runs);
    const amounts = [1, 2].map((index) => {
      const difference = cellOf(comparison, 'connect_p50_ms', index)?.difference;
      return difference?.state === 'unknown' ? difference.amount : undefined;
    });
    assert.deepEqual(amounts, [10, -10]);
    assert.equal(cellOf(comparison, 'connect_p50_ms', 0)?.difference, undefined);
  });

  it('notes what makes a run doubtful, why it was judged so, and different loads', () => {
    const doubtful = {
      outcome: 'interrupted',
      reason: 'Interrupted by SIGINT in wave 2',
      connections: 200,
      verdict: 'growing',
      verdict_reason: 'the floors rise',
      bottlenecks: ['wave 1: the CPU was full'],
      target_workers_restarted: 1,
    };
    assert.deepEqual(
      compareRuns([run('before', { connections: 100 }), run('after', doubtful)]).notes,
      [
        'after: Interrupted by SIGINT in wave 2',
        "after: 1 of the target's workers died and were replaced",
        'after: limited by the generator, wave 1: the CPU was full',
        'after: growing, the floors rise',
        'The runs differ in how they were made (connections), so other differences may come from that',
      ],
    );
  });

  it('finds no difference between a run and itself, and writes every comparison', () => {
    const figure = fc.double({ noNaN: true, noDefaultInfinity: true });
    const fields = fc.record({
      bytes_per_connection: figure,
      connect_p99_ms: figure,
      connections: fc.nat(),
      target: fc.string(),
    });
    fc.assert(
      fc.property(fields, fields, (one, two) => {
        const same = compareRuns([run('a', one), run('b', one)]);
        const states = same.rows.map(({ cells }) => cells[1]?.difference?.state);
        assert.ok(states.every((state) => state === 'equal' || state === 'unknown'));
        assert.doesNotMatch(
          formatComparison(compareRuns([run('a', one), run('b', two)])),
          /NaN|undefined/,
        );
      }),
      { numRuns: 30 },
    );
  });
});
