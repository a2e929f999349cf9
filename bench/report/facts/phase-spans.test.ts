import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleRows } from '../example-run.fixture.js';
import { findPhaseSpans } from './phase-spans.js';

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
