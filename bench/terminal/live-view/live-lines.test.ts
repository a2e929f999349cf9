import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { failureCodes } from '../../../loadgen/report/failure-codes.js';
import { liveLines } from './live-lines.js';
import type { LiveEvent, LiveState } from './live-state.js';
import { colours, noPaint } from './paint.js';
import {
  atBaseline,
  countsOf,
  plan,
  rampEvents,
  rampNowMs,
  sampleOf,
  stateAfter,
} from './recorded-events.fixture.js';

const manyFailures: LiveEvent = {
  kind: 'counts',
  wave: 1,
  counts: countsOf(3000, { refused: 12, lost: 3, greeting_missing: 40, timed_out: 1, reset: 2 }),
};

const enormous: LiveEvent = {
  kind: 'sample',
  row: sampleOf({
    rss_bytes: 9e15,
    js_heap_resident_bytes: 1e15,
    managed_heap_bytes: 1e15,
    native_bytes: 8e15,
    native_malloc_bytes: 2e15,
    kernel_sockets_bytes: 1e15,
    kernel_tcp_buffers_bytes: 1e15,
    cpu_percent: 12_800,
    loadgen_cpu_percent: 12_800,
    loadgen_lag_ms: 100_000,
    sampler_cpu_percent: 100,
  }),
};

/** A run at every kind of moment. */
const moments: Readonly<Record<string, LiveState>> = {
  'before the first sample': stateAfter(),
  'in the baseline': stateAfter(atBaseline),
  'in a ramp': stateAfter(...rampEvents),
  'with failures': stateAfter(...rampEvents, manyFailures),
  'with enormous figures': stateAfter(...rampEvents, enormous, manyFailures),
  'without procfs': stateAfter({ kind: 'sample', row: sampleOf({ rss_bytes: 1e8 }) }),
  'without any figure': stateAfter({ kind: 'sample', row: sampleOf({}) }),
  'when interrupted': stateAfter(...rampEvents, { kind: 'interrupted' }),
  'when over': stateAfter(...rampEvents, { kind: 'over' }),
  'after a long time': stateAfter(
    ...rampEvents,
    ...Array.from({ length: 2000 }, (): LiveEvent => atBaseline),
  ),
};

function plainLines(state: LiveState, columns: number, rows = 24): string[] {
  return liveLines(state, rampNowMs, { columns, rows }, noPaint);
}

describe('liveLines()', () => {
  it('still says how busy all are after a row that came too soon to tell', () => {
    const soon: LiveEvent = { kind: 'sample', row: sampleOf({ wave: 1, phase: 'hold' }) };
    const last = (...events: readonly LiveEvent[]): string =>
      liveLines(
        stateAfter(...rampEvents, ...events),
        rampNowMs,
        { columns: 80, rows: 24 },
        noPaint,
      ).at(-1) ?? '';
    assert.match(last(), /^CPU target 85 % · generator 60 % · bench 2 %/);
    assert.match(last(soon), /^CPU target 85 % · generator 60 % · bench 2 %/);
  });

  it('shows the way to the connections, who holds memory, and what it costs', () => {
    assert.deepEqual(plainLines(stateAfter(...rampEvents), 80), [
      `Wave 1 of 2, ramp     ${'█'.repeat(20)}${'░'.repeat(31)}  40 %`,
      '4,000 of 10,000 open · 2,000 of 2,000 per s · full in 3 s · about 28 s to go',
      'memory             now     growth  whole run',
      'RSS            112 MiB  +12.0 MiB  ▁█',
      'JS heap       22.0 MiB  +2.00 MiB  ▁█',
      'malloc        20.0 MiB  +10.0 MiB  ▁█',
      'other native  70.0 MiB       +0 B  ▁▁',
      'kernel        41.0 MiB  +37.0 MiB  ▁█',
      'CPU target 85 % · generator 60 % · bench 2 % · generator late by 3 ms',
    ]);
  });

  it('leaves out what matters least where there is no room', () => {
    assert.deepEqual(plainLines(stateAfter(...rampEvents), 40).slice(0, 4), [
      `Wave 1 of 2, ramp     ${'█'.repeat(4)}${'░'.repeat(7)}  40 %`,
      '4,000 of 10,000 open · full in 3 s',
      'memory             now  whole run',
      'RSS            112 MiB  ▁█',
    ]);
  });

  it('shows failures by kind, the most frequent first, those of all waves together', () => {
    const later: LiveEvent = { kind: 'counts', wave: 2, counts: countsOf(1, { refused: 100 }) };
    assert.deepEqual(plainLines(stateAfter(...rampEvents, manyFailures, later), 140).slice(2, 6), [
      `112 × refused         ${failureCodes.refused}`,
      `40 × greeting_missing ${failureCodes.greeting_missing}`,
      `3 × lost              ${failureCodes.lost}`,
      'and 2 more kinds of failure',
    ]);
  });

  it('says how to leave at once when it was interrupted, and nothing of the future any more', () => {
    const [title, counts] = plainLines(stateAfter(...rampEvents, { kind: 'interrupted' }), 80);
    assert.match(title ?? '', /^Wave 1 of 2, interrupted /);
    assert.equal(counts, '4,000 of 10,000 open · Ctrl-C again leaves at once');
    const [, last] = plainLines(stateAfter(...rampEvents, { kind: 'over' }), 80);
    assert.equal(last, '4,000 of 10,000 open · run 6 s');
  });

  it('shows no owner that is not known', () => {
    const state = stateAfter({ kind: 'sample', row: sampleOf({ rss_bytes: 1024 ** 2 }) });
    assert.deepEqual(plainLines(state, 80).slice(2), [
      'memory             now     growth  whole run',
      'RSS           1.00 MiB       +0 B  ▁',
    ]);
  });

  for (const [moment, state] of Object.entries(moments)) {
    for (const columns of [40, 80, 140]) {
      it(`fits into ${columns} columns ${moment}`, () => {
        for (const paint of [noPaint, colours]) {
          for (const line of liveLines(state, rampNowMs, { columns, rows: 24 }, paint)) {
            assert.ok(stringWidth(line) < columns, line);
            assert.ok(!line.includes('\n'));
          }
        }
      });
    }
  }

  it('fits into a terminal of any size at any time, painted or not', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(moments)),
        fc.integer({ min: 2, max: 300 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 400_000_000 }),
        (state, columns, rows, nowMs) => {
          const size = { columns, rows };
          const plain = liveLines(state, nowMs, size, noPaint);
          assert.ok(plain.length <= Math.max(1, rows - 1));
          assert.ok(plain.every((line) => stringWidth(line) < columns));
          const painted = liveLines(state, nowMs, size, colours);
          assert.deepEqual(painted.map(stripVTControlCharacters), plain);
        },
      ),
    );
  });

  it('writes long durations in minutes and hours', () => {
    const [, counts] = liveLines(
      stateAfter(...rampEvents, { kind: 'over' }),
      7_505_000,
      { columns: 80, rows: 24 },
      noPaint,
    );
    assert.equal(
      counts,
      `4,000 of ${plan.connections.toLocaleString('en-US')} open · run 2 h 05 min`,
    );
  });
});
