import assert from 'node:assert/strict';
import { exampleRows, exampleRun, exampleSummary } from '../example-run.fixture.js';
import { findFacts, findPhaseSpans } from './run-facts.js';
import { describe, it } from 'node:test';

const mebibyte = 1024 ** 2;

describe('findFacts()', () => {
  it('finds floors, holds and the cost of a connection', () => {
    const { baseline, waves, cost } = findFacts(exampleRun);
    // Private is RSS without binaries: 10 MiB malloc + 20 JS heap + 9 other + 1 stacks.
    assert.equal(baseline.private_bytes, 40 * mebibyte);
    assert.deepEqual(
      waves.map(({ floor }) => floor.private_bytes),
      [43 * mebibyte, 43 * mebibyte],
    );
    assert.equal(waves[0]?.memory?.per_connection.private_bytes, 1024);
    assert.equal(waves[0].memory.per_connection.kernel_bytes, 8192);
    assert.equal(cost?.slope, 1024);
    assert.equal(cost.interceptBytes, 40 * mebibyte);
    assert.equal(cost.points.length, 6);
  });

  it('takes the verdict from the summary', () => {
    const facts = findFacts(exampleRun);
    assert.deepEqual(facts.judgements, exampleSummary.judgements);
    assert.equal(facts.floorsAlone, undefined);
  });

  it('decides nothing without a summary, but says what the floors alone tell', () => {
    const facts = findFacts({ ...exampleRun, summary: undefined });
    assert.equal(facts.judgements[0]?.verdict, 'inconclusive');
    assert.equal(facts.judgements[0].reason, 'the run has left no summary, so it was cut short');
    assert.equal(facts.judgements[0].retained_bytes, 3 * mebibyte);
    assert.equal(facts.floorsAlone?.verdict, 'inconclusive');
    assert.equal(
      facts.floorsAlone.reason,
      "2 waves can't tell what is kept once from what grows: run 4 waves or more",
    );
  });

  it('leaves out a wave that did not come to a rest', () => {
    const rows = exampleRows.slice(0, 13);
    const facts = findFacts({ ...exampleRun, rows, summary: undefined });
    assert.equal(facts.waves.length, 2);
    assert.deepEqual(facts.waves[1]?.floor, {});
    assert.equal(facts.waves[1].memory?.hold_connections, 1000);
    assert.match(facts.floorsAlone?.reason ?? '', /^1 wave can't tell/);
  });

  it('finds nothing in a run without samples', () => {
    assert.deepEqual(findFacts({ ...exampleRun, rows: [], summary: undefined }), {
      spans: [],
      baseline: {},
      waves: [],
      cost: undefined,
      judgements: [],
      floorsAlone: undefined,
    });
  });
});

describe('findPhaseSpans()', () => {
  it('finds each phase from its first row to that of the next one', () => {
    assert.deepEqual(
      findPhaseSpans(exampleRows).map((span) => [
        span.wave,
        span.phase,
        span.fromSeconds,
        span.toSeconds,
        span.fromRow,
        span.toRow,
      ]),
      [
        [0, 'baseline', 0, 3, 0, 3],
        [1, 'ramp', 3, 4, 3, 4],
        [1, 'hold', 4, 6, 4, 6],
        [1, 'drain', 6, 7, 6, 7],
        [1, 'rest', 7, 10, 7, 10],
        [2, 'ramp', 10, 11, 10, 11],
        [2, 'hold', 11, 13, 11, 13],
        [2, 'drain', 13, 14, 13, 14],
        [2, 'rest', 14, 16, 14, 17],
      ],
    );
  });

  it('finds none without rows', () => {
    assert.deepEqual(findPhaseSpans([]), []);
  });
});
