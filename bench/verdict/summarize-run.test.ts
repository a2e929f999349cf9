import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import { exampleSummary } from '../../loadgen/shards/example-summary.fixture.js';
import { type SampleRow, sampleColumns } from '../results/sample-columns.js';
import { findDiscrepancies } from './reliability.js';
import { summarizeRun } from './summarize-run.js';
import { type RunRecord } from './run-record.js';
import type { TargetStats } from '../targets/target.js';

function stats(changes: Partial<TargetStats> = {}): TargetStats {
  return {
    connections: 0,
    openedTotal: 30,
    greetingsSentTotal: 30,
    workersRestartedTotal: 0,
    oldestReportSeconds: 0,
    lost: [],
    processes: [],
    ...changes,
  };
}

const emptyRow = Object.fromEntries(
  Object.keys(sampleColumns).map((name) => [name, undefined]),
) as unknown as SampleRow;

function row(wave: number, phase: string, rss: number, connections: number): SampleRow {
  return {
    ...emptyRow,
    wave,
    phase,
    connections,
    rss_bytes: rss,
    native_file_bytes: 1000,
    lazy_free_bytes: 0,
  };
}

const record: RunRecord = {
  outcome: 'completed',
  reason: undefined,
  startedAt: '2026-01-01T00:00:00.000Z',
  durationSeconds: 30,
  commandLine: ['tidemark', 'bench'],
  tidemarkVersion: '0.0.0',
  target: 'uws',
  targetFacts: {},
  targetBuild: undefined,
  allocator: 'glibc',
  connections: 10,
  wavesAsked: 2,
  wavesWhy: undefined,
  holds: [],
  trim: undefined,
  waveSizes: [10, 20],
  rateAsked: 'max',
  rows: [
    row(0, 'baseline', 5000, 0),
    row(1, 'hold', 15_000, 10),
    row(1, 'rest', 7000, 0),
    row(2, 'hold', 17_000, 20),
    row(2, 'rest', 7000, 0),
  ],
  samplesSkipped: 0,
  waves: [exampleSummary(10), exampleSummary(20)],
  finalStats: stats(),
  floors: [],
  oomKill: undefined,
  events: [],
  eventsLeft: 0,
};

describe('findDiscrepancies()', () => {
  const waves = [exampleSummary(10), exampleSummary(20)];
  const cases: readonly (readonly [
    string,
    readonly SummaryLine[],
    TargetStats,
    RegExp | undefined,
  ])[] = [
    ['both sides agree', waves, stats(), undefined],
    ['the target has seen fewer connections', waves, stats({ openedTotal: 29 }), /opened 29 .* 30/],
    ['the target has seen more connections', waves, stats({ openedTotal: 31 }), /opened 31 .* 30/],
    [
      'a handshake that the generator gave up has succeeded at the target',
      [exampleSummary(10), exampleSummary(20, { connect_errors_total: 1 })],
      stats({ openedTotal: 31, greetingsSentTotal: 31 }),
      undefined,
    ],
    [
      'greetings came that nobody sent',
      waves,
      stats({ greetingsSentTotal: 29 }),
      /29 greetings.* 30/,
    ],
    ['connections are left at the target', waves, stats({ connections: 2 }), /still counts 2/],
  ];
  for (const [name, lines, of, expected] of cases) {
    it(expected === undefined ? `finds nothing where ${name}` : `finds that ${name}`, () => {
      const found = findDiscrepancies({ ...record, waves: lines, finalStats: of });
      assert.equal(found.length, expected === undefined ? 0 : 1);
      if (expected !== undefined) assert.match(found[0] ?? '', expected);
    });
  }
});

describe('summarizeRun()', () => {
  it('adds up the waves', () => {
    const summary = summarizeRun(record);
    assert.equal(summary.connections_opened, 30);
    assert.equal(summary.greetings_received, 30);
    assert.equal(summary.waves_completed, 2);
    assert.equal(summary.connect_p50_ms, 2);
    // The histogram keeps three significant digits.
    assert.ok(Math.abs((summary.connect_max_ms ?? 0) - 3) <= 0.003);
    assert.equal(summary.discrepancies.length, 0);
  });

  it('has no figure for what was not measured', () => {
    const summary = summarizeRun(record);
    assert.equal('echo_p50_ms' in summary, false);
    assert.equal('pss_bytes_per_connection' in summary, false);
    assert.equal('reason' in summary, false);
  });

  it('counts bytes per connection over the baseline, and over the floor before each wave', () => {
    const summary = summarizeRun(record);
    // (15,000 − 5,000) / 10 in the first wave, (17,000 − 5,000) / 20 in the second: the median is between them.
    assert.equal(summary.rss_bytes_per_connection, 800);
    // The binary of 1,000 bytes is in hold and baseline alike.
    assert.equal(summary.private_bytes_per_connection, 800);
    // (17,000 − 7,000) / 20 and (17,000 − 5,000) / 20 in the second.
    assert.equal(summary.waves[1]?.per_connection?.rss_bytes, 500);
    assert.equal(summary.waves[1].per_connection_over_baseline?.rss_bytes, 600);
  });

  it('adds errors by code and says in which wave something was wrong', () => {
    const summary = summarizeRun({
      ...record,
      waves: [
        exampleSummary(10, {
          errors: { lost: 1, reset: 2 },
          errors_total: 3,
          saturation: ['busy'],
        }),
        exampleSummary(20, {
          errors: { lost: 4 },
          errors_total: 4,
          discrepancies: ['one is missing'],
        }),
      ],
    });
    assert.deepEqual(summary.errors, { lost: 5, reset: 2 });
    assert.equal(summary.errors_total, 7);
    assert.deepEqual(summary.bottlenecks, ['wave 1: busy']);
    assert.deepEqual(summary.discrepancies, ['wave 2: one is missing']);
  });

  it('describes a run that never came to its first wave', () => {
    const summary = summarizeRun({
      ...record,
      outcome: 'failed',
      reason: 'the target died',
      rows: [],
      waves: [],
      finalStats: undefined,
    });
    assert.equal(summary.outcome, 'failed');
    assert.equal(summary.reason, 'the target died');
    assert.deepEqual(summary.waves, []);
    assert.equal('bytes_per_connection' in summary, false);
  });
});
