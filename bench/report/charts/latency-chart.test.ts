import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeLatencies, exampleSummary } from '../example-run.fixture.js';
import { decodeLatencies, makeLatencyChart, percentileOf } from './latency-chart.js';
import { tellLatencies } from './chart-table.js';

const summary = {
  ...exampleSummary,
  latency_histograms: {
    connect: encodeLatencies(1, 1000),
    greeting: encodeLatencies(1, 10),
    echo: 'garbage',
  },
};
const measured = decodeLatencies(summary);

describe('percentileOf()', () => {
  it('is what all but one in so many do not exceed', () => {
    assert.deepEqual([1, 2, 10, 100, 1000].map(percentileOf), [0, 50, 90, 99, 99.9]);
  });
});

describe('decodeLatencies()', () => {
  it('leaves out what is empty or damaged', () => {
    assert.deepEqual(
      measured.map(({ name, latencies }) => [name, latencies.count]),
      [
        ['connect', 1000],
        ['greeting', 10],
      ],
    );
    assert.deepEqual(decodeLatencies(undefined), []);
  });
});

describe('makeLatencyChart()', () => {
  it('goes as far as there are values to tell the rarest from', () => {
    const chart = makeLatencyChart(measured);
    const rareness = chart?.columns['rareness'] ?? [];
    assert.equal(rareness[0], 1);
    assert.equal(rareness.at(-1), 1000);
    assert.deepEqual(
      rareness,
      [...new Set(rareness)].sort((a = 0, b = 0) => a - b),
    );
    const connect = chart?.columns['connect'] ?? [];
    const at = (wanted: number): number => rareness.indexOf(wanted);
    assert.equal(connect[at(10)], 900.095);
    // The upper ends of the buckets that hold 1,000 ms and 10 ms.
    assert.equal(connect.at(-1), 1000.447);
    const greeting = chart?.columns['greeting'] ?? [];
    assert.equal(greeting[at(10)], 10.007);
    assert.equal(greeting[at(10) + 1], undefined);
  });

  it('is left out without latencies', () => {
    assert.equal(makeLatencyChart([]), undefined);
  });
});

describe('tellLatencies()', () => {
  it('tells the usual percentiles', () => {
    const { head, rows } = tellLatencies(measured.slice(1));
    assert.deepEqual(head, [
      'latency',
      'count',
      '50 %',
      '75 %',
      '90 %',
      '95 %',
      '99 %',
      '99.9 %',
      '99.99 %',
      'max',
    ]);
    assert.deepEqual(rows, [
      ['greeting', '10', '5.0 ms', '8.0 ms', '9.0 ms', ...Array<string>(5).fill('10.0 ms')],
    ]);
  });
});
