import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeTotals, formatSoak } from './soak-table.js';

describe('formatSoak()', () => {
  it('writes what is known, and marks what is not flat', () => {
    const table = formatSoak(
      [
        {
          role: 'server',
          kind: 'private',
          judgement: {
            verdict: 'growing',
            samples: 48,
            beginBytes: 2 ** 25,
            endBytes: 2 ** 26,
            perConnection: { slope: 200, low: 190.4, high: 212.6 },
            smallestLeakBytes: 26.2,
          },
          isFree: false,
        },
        {
          role: 'sampler',
          kind: 'live JS',
          judgement: {
            verdict: 'too short',
            samples: 0,
            beginBytes: NaN,
            endBytes: NaN,
            perConnection: undefined,
            smallestLeakBytes: undefined,
          },
          isFree: true,
        },
      ],
      1_800_000,
    );
    assert.deepEqual(table.split('\n').slice(2), [
      '| server | private | 32.0 MiB | 64.0 MiB | 343 MiB | 200 B (190 to 213) | 26 B | **growing** |',
      '| sampler | live JS |  |  |  |  |  | too short, but free |',
    ]);
  });
});

describe('describeTotals()', () => {
  it('counts', () => {
    assert.equal(
      describeTotals({
        seconds: 600,
        warmUpSeconds: 120,
        connections: 299_500,
        messages: 2_995_000,
        errors: 0,
      }),
      '299,500 connections and 2,995,000 echoes in 600 s, 0 errors; the first 120 s are the warm-up and not judged.',
    );
  });
});
