import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeLatencies } from '../charts/latency-chart.js';
import { exampleRun, exampleSummary } from '../example-run.fixture.js';
import { findFacts } from '../facts/run-facts.js';
import { writeCards } from './cards.js';

const cellsOf = (run: typeof exampleRun): string[][] =>
  writeCards(run, findFacts(run), decodeLatencies(run.summary)).map(({ label, value, note }) => [
    label,
    value,
    note,
  ]);

describe('writeCards()', () => {
  it('gives the figures of a run with what they compare with', () => {
    assert.deepEqual(cellsOf(exampleRun), [
      [
        'Memory per open connection',
        '1.00 KiB',
        '95 % interval 1.00 KiB to 1.00 KiB; private memory',
      ],
      ['Stays after the last wave', '3.00 MiB', 'of 4.00 MiB above the baseline at the peak'],
      ['Kernel, per connection', '8.00 KiB', 'sockets and buffers, of the whole machine'],
      // 10 + 3 + 150 MiB and 1,000 KiB, in the second hold.
      ['Peak resident memory', '164 MiB', 'after 11 s, with 1,000 open'],
      ['Connections opened', '2,000', 'of 2,000 asked; 2,000 greeted, 0 failed, 0 lost'],
      ['Connect rate', '996 /s', 'of 1,000 /s asked; median over the waves'],
      ['Connect latency, p99', '99.0 ms', 'half within 50.0 ms, all within 100 ms'],
      ['CPU of the target at work', '43 %', 'generator 60 %, sampler 2.0 %; 100 % is one core'],
    ]);
  });

  it('has no figure where there is none', () => {
    const run = { ...exampleRun, rows: [], summary: undefined };
    assert.deepEqual(
      cellsOf(run).map(([, value]) => value),
      ['–', '–', '–', '–', '–', '–', '–', '–'],
    );
  });

  it('tells of the kernel only what can be: that of the target’s own end before that of the machine, and nothing negative', () => {
    const kernelOf = (change: (connections: number) => object): string[] | undefined => {
      const rows = exampleRun.rows.map((row) => ({ ...row, ...change(row.connections ?? 0) }));
      return cellsOf({ ...exampleRun, rows })[2]?.slice(1);
    };
    assert.deepEqual(
      kernelOf((connections) => ({ cgroup_kernel_bytes: 3900 * connections })),
      ['3.81 KiB', 'charged to the target’s control group: its own end'],
    );
    assert.deepEqual(
      kernelOf((connections) => ({ kernel_sockets_bytes: 1e9 - 100 * connections })),
      ['–', 'other programs closed more sockets than this run opened'],
    );
  });

  it('says so if as much as possible was asked for', () => {
    const summary = { ...exampleSummary, connect_rate_asked_per_s: 'max' } as const;
    const rate = cellsOf({ ...exampleRun, summary })[5];
    assert.deepEqual(rate, [
      'Connect rate',
      '996 /s',
      'as fast as possible; median over the waves',
    ]);
  });
});
