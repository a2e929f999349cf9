import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatValue } from '../embedded/format-value.js';
import { exampleRun } from '../example-run.fixture.js';
import { findFacts } from '../facts/run-facts.js';
import { tellByPhase, tellByPoint } from './chart-table.js';
import { makeCostChart } from './cost-chart.js';
import { makeFloorChart } from './floor-chart.js';
import { makeTimeCharts } from './time-charts.js';

const facts = findFacts(exampleRun);
const mebibyte = 1024 ** 2;

describe('makeFloorChart()', () => {
  it('stacks private memory by owner, for the baseline and each wave', () => {
    const chart = makeFloorChart(facts);
    assert.deepEqual(chart?.columns, {
      wave: [0, 1, 2],
      other_bytes: [10, 10, 10].map((each) => each * mebibyte),
      js_heap_resident_bytes: [20, 20, 20].map((each) => each * mebibyte),
      malloc_bytes: [10, 13, 13].map((each) => each * mebibyte),
    });
  });

  it('is told as a table', () => {
    const chart = makeFloorChart(facts);
    assert.ok(chart);
    const table = tellByPoint(chart, 'after', (wave) => `wave ${wave}`);
    assert.deepEqual(table.head, ['after', 'other, stacks', 'JS heap', 'malloc']);
    assert.deepEqual(table.rows[1], ['wave 1', '10.0 MiB', '20.0 MiB', '13.0 MiB']);
  });

  it('is left out where no floor is known', () => {
    assert.equal(makeFloorChart({ ...facts, baseline: {}, waves: [] }), undefined);
  });
});

describe('makeCostChart()', () => {
  it('has the samples in the order of their connections, and the ends of the line', () => {
    assert.deepEqual(makeCostChart(facts.cost)?.columns, {
      connections: [0, 0, 0, 500, 1000, 1000],
      private_bytes: [0, 0, 0, 500, 1000, 1000].map((open) => 40 * mebibyte + open * 1024),
      line: [0, 0, 0, undefined, 1000, 1000].map((open) =>
        open === undefined ? undefined : 40 * mebibyte + open * 1024,
      ),
    });
  });
});

describe('tellByPhase()', () => {
  it('tells the median of each phase', () => {
    const [memory] = makeTimeCharts(exampleRun.rows, undefined);
    assert.ok(memory);
    const { head, rows } = tellByPhase(memory, facts.spans);
    assert.deepEqual(head.slice(0, 5), ['wave', 'phase', 'from', 'for', 'binaries, files']);
    assert.deepEqual(rows[0]?.slice(0, 4), ['–', 'baseline', '0 s', '3 s']);
    assert.deepEqual(rows[2], [
      '1',
      'hold',
      '4 s',
      '2 s',
      '120 MiB',
      '1.00 MiB',
      '9.00 MiB',
      '20.0 MiB',
      formatValue(10 * mebibyte + 1000 * 1024, 'bytes'),
      '1,000',
    ]);
  });

  it('shows no more rows than anybody reads, and says so', () => {
    const [memory] = makeTimeCharts(exampleRun.rows, undefined);
    assert.ok(memory);
    const spans = Array.from({ length: 300 }, () => facts.spans[0]).filter(
      (each) => each !== undefined,
    );
    const { caption, rows } = tellByPhase(memory, spans);
    assert.equal(rows.length, 200);
    assert.match(caption, /\(the first 200 of 300 rows\)$/);
  });
});
