import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatLifetime, parseLifetime, sampleLifetimeMs } from './lifetimes.js';

describe('parseLifetime()', () => {
  it('reads fixed, exponential and uniform lifetimes, and formatLifetime() writes them back', () => {
    const cases = {
      '2s': { kind: 'fixed', ms: 2000 },
      'exp:500ms': { kind: 'exponential', meanMs: 500 },
      'uniform:1s-3s': { kind: 'uniform', minMs: 1000, maxMs: 3000 },
    } as const;
    for (const [text, lifetime] of Object.entries(cases)) {
      assert.deepEqual(parseLifetime(text), lifetime);
      assert.equal(formatLifetime(lifetime), text);
    }
  });

  it('refuses everything else', () => {
    for (const text of [
      '',
      '2',
      'exp:',
      'exp:x',
      'uniform:1s',
      'uniform:3s-1s',
      '0',
      'exp:0s',
      'normal:2s',
    ]) {
      assert.throws(() => parseLifetime(text), RangeError, text);
    }
  });
});

describe('sampleLifetimeMs()', () => {
  it('inverts the distribution function', () => {
    const half = (): number => 0.5;
    assert.equal(sampleLifetimeMs({ kind: 'fixed', ms: 2000 }, half), 2000);
    assert.equal(sampleLifetimeMs({ kind: 'uniform', minMs: 1000, maxMs: 3000 }, half), 2000);
    const median = sampleLifetimeMs({ kind: 'exponential', meanMs: 2000 }, half);
    assert.equal(median.toFixed(3), '1386.294', 'the median is the mean times ln 2');
    assert.ok(Math.abs(sampleLifetimeMs({ kind: 'exponential', meanMs: 2000 }, () => 0)) === 0);
  });
});
