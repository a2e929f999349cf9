import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunSummary } from '../../bench/results/summary.js';
import type { KnownCase } from './known-case.js';
import { checkCase, failedCase, formatCases } from './check-case.js';

function summary(fields: Partial<RunSummary>): RunSummary {
  return {
    outcome: 'completed',
    verdict: 'retained',
    trend: 'steady',
    verdict_reason: 'because',
    judgements: [],
    ...fields,
  } as RunSummary;
}

const nothing = summary({ bytes_per_connection: 700 });
const leak: KnownCase = {
  name: 'leak',
  server: 'uws',
  target: [],
  verdicts: ['growing'],
  measure: { kind: 'growth', truthBytes: 200, toleranceShare: 0.1 },
};
const growth = (bytes: number): Partial<RunSummary> => ({
  growth_bytes_per_connection: bytes,
  growth_bytes_per_connection_low: bytes - 10,
  growth_bytes_per_connection_high: bytes + 10,
});

describe('checkCase()', () => {
  it('finds nothing wrong with the right verdict and figure', () => {
    const found = checkCase(leak, summary({ verdict: 'growing', ...growth(215) }), nothing);
    assert.deepEqual(found.mistakes, []);
    assert.deepEqual(found.measured, { bytes: 215, low: 205, high: 225 });
  });

  it('finds a wrong verdict, a wrong figure and a missing one', () => {
    const wrongOf = (fields: Partial<RunSummary>): readonly string[] =>
      checkCase(leak, summary(fields), nothing).mistakes;
    assert.match(wrongOf({ ...growth(200) })[0] ?? '', /retained is wrong: because/);
    assert.deepEqual(wrongOf({ verdict: 'growing', ...growth(230) }), ['230 bytes instead of 200']);
    assert.deepEqual(wrongOf({ verdict: 'growing' }), ['no bytes instead of 200']);
  });

  it('finds that what leaks is not named', () => {
    const named: KnownCase = { ...leak, named: /accept server\.js:\d+/ };
    const wrongOf = (reason: string): readonly string[] =>
      checkCase(
        named,
        summary({ verdict: 'growing', ...growth(200), verdict_reason: reason }),
        nothing,
      ).mistakes;
    assert.deepEqual(wrongOf('90 % allocated in accept server.js:12'), []);
    assert.match(wrongOf('it rises')[0] ?? '', /is not named: it rises/);
  });

  it('takes what is held over the case that keeps nothing', () => {
    const keeps: KnownCase = {
      name: 'keeps',
      server: 'uws',
      target: [],
      verdicts: ['retained'],
      measure: { kind: 'held', truthBytes: 1000, toleranceShare: 0.03 },
    };
    const run = summary({
      bytes_per_connection: 1710,
      bytes_per_connection_low: 1700,
      bytes_per_connection_high: 1720,
    });
    assert.deepEqual(checkCase(keeps, run, nothing).measured, {
      bytes: 1010,
      low: 1000,
      high: 1020,
    });
  });

  it('counts growth per message', () => {
    const perMessage: KnownCase = {
      ...leak,
      measure: { kind: 'growth per message', truthBytes: 100, toleranceShare: 0.1 },
    };
    const run = summary({
      verdict: 'growing',
      ...growth(200),
      messages_sent: 20_000,
      connections_opened: 10_000,
    });
    assert.equal(checkCase(perMessage, run, nothing).measured?.bytes, 100);
  });
});

describe('checkCase() of a leak with an owner', () => {
  const owned: KnownCase = {
    name: 'leak',
    server: 'uws',
    target: [],
    verdicts: ['growing'],
    owner: 'malloc',
  };
  const judgement = (owner: 'malloc' | 'js_heap'): Partial<RunSummary> =>
    ({
      verdict: 'growing',
      judgements: [{ owner, verdict: 'growing' }],
    }) as unknown as Partial<RunSummary>;

  it('finds nothing wrong if that owner is growing', () => {
    assert.deepEqual(checkCase(owned, summary(judgement('malloc')), nothing).mistakes, []);
  });

  it('measures what that owner grew by, not the whole', () => {
    const run = summary({
      verdict: 'growing',
      ...growth(220),
      judgements: [{ owner: 'malloc', verdict: 'growing', ...growth(201) }],
    } as unknown as Partial<RunSummary>);
    assert.equal(checkCase(owned, run, nothing).measured?.bytes, 201);
  });

  it('finds it wrong if another one is', () => {
    const { mistakes } = checkCase(owned, summary(judgement('js_heap')), nothing);
    assert.deepEqual(mistakes, ['malloc: no verdict is wrong']);
  });

  it('finds a slowing rise wrong where it is steady', () => {
    const run = summary({ ...judgement('malloc'), trend: 'slowing' });
    const { mistakes } = checkCase(owned, run, nothing);
    assert.deepEqual(mistakes, ['slowing instead of steady: because']);
  });

  it('finds a wrong number of waves to run', () => {
    const few: KnownCase = {
      name: 'few',
      server: 'uws',
      target: [],
      verdicts: ['inconclusive'],
      wavesNeeded: 4,
    };
    const run = summary({ verdict: 'inconclusive', waves_needed: 8 });
    assert.deepEqual(checkCase(few, run, nothing).mistakes, ['asks for 8 waves instead of 4']);
  });
});

describe('checkCase() without the case that keeps nothing', () => {
  it("can't tell what is held", () => {
    const keeps: KnownCase = {
      name: 'keeps',
      server: 'uws',
      target: [],
      verdicts: ['retained'],
      measure: { kind: 'held', truthBytes: 1000, toleranceShare: 0.03 },
    };
    const run = summary({
      bytes_per_connection: 1710,
      bytes_per_connection_low: 1700,
      bytes_per_connection_high: 1720,
    });
    assert.deepEqual(checkCase(keeps, run, undefined).mistakes, ['no bytes instead of 1000']);
  });
});

describe('failedCase()', () => {
  it('is wrong, for the reason given', () => {
    assert.match(
      formatCases([failedCase(leak, 'no port')]),
      /\| leak \| leak, 200 B \| – \| – \| – \| no \|$/,
    );
    assert.deepEqual(failedCase(leak, 'no port').mistakes, ['no port']);
  });
});

describe('formatCases()', () => {
  it('writes a row per case', () => {
    const table = formatCases([
      checkCase(leak, summary({ verdict: 'growing', ...growth(200) }), nothing),
    ]);
    assert.match(
      table,
      /\| leak \| leak, 200 B \| growing, steady \| 200 B \| 190 to 210 B \| yes \|$/,
    );
  });

  it('writes no minus before a zero', () => {
    const table = formatCases([checkCase(leak, summary(growth(-0.4)), nothing)]);
    assert.match(table, /\| 0 B \| -10 to 10 B \|/);
  });
});
