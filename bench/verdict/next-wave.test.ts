import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideNextWave, type NextWave, type RunSoFar } from './next-wave.js';

function decide(
  verdict: ReturnType<RunSoFar['judge']>['verdict'],
  changes: Partial<RunSoFar> & { trend?: 'steady' | 'slowing'; needed?: number } = {},
): NextWave {
  const { trend, needed, ...run } = changes;
  return decideNextWave({
    waves: 'auto',
    wavesDone: 4,
    elapsedMs: 80_000,
    lastWaveMs: 20_000,
    maxTimeMs: 1_800_000,
    judge: () => ({
      verdict,
      verdict_reason: 'because',
      ...(trend === undefined ? {} : { trend }),
      ...(needed === undefined ? {} : { waves_needed: needed }),
    }),
    ...run,
  });
}

describe('decideNextWave()', () => {
  it('has as many waves as asked for, whatever the verdict and the time', () => {
    const asked = { waves: 3, elapsedMs: 1e9 };
    assert.equal(decide('inconclusive', { ...asked, wavesDone: 2 }).goesOn, true);
    assert.equal(decide('inconclusive', { ...asked, wavesDone: 3, needed: 4 }).goesOn, false);
  });

  const cases: readonly (readonly [string, boolean, Parameters<typeof decide>])[] = [
    ['has four waves in any case', true, ['released', { wavesDone: 3 }]],
    ['ends with an answer', false, ['released']],
    ['ends with memory that is kept', false, ['retained']],
    ['looks twice at a leak', true, ['growing', { trend: 'steady', wavesDone: 5 }]],
    ['ends with a leak', false, ['growing', { trend: 'steady', wavesDone: 6 }]],
    ['waits for a rise that slows', true, ['growing', { trend: 'slowing', wavesDone: 11 }]],
    ['goes on where it is open', true, ['inconclusive', { needed: 12 }]],
    ['ends where more waves would not help', false, ['inconclusive']],
    ['ends after twelve waves', false, ['inconclusive', { needed: 24, wavesDone: 12 }]],
    ['ends before its time is over', false, ['inconclusive', { needed: 12, maxTimeMs: 90_000 }]],
    ['has one wave in any time', true, ['inconclusive', { wavesDone: 0, maxTimeMs: 1 }]],
  ];
  for (const [name, expected, run] of cases) {
    it(name, () => {
      assert.equal(decide(...run).goesOn, expected);
    });
  }

  it('says why', () => {
    assert.equal(decide('retained').why, '4 waves answered it');
    assert.equal(decide('inconclusive', { needed: 12 }).why, 'because');
    assert.equal(
      decide('inconclusive', { needed: 12, maxTimeMs: 90_000 }).why,
      'another wave would not fit into --max-time 90s',
    );
    assert.equal(decide('released', { wavesDone: 2 }).why, undefined);
  });
});
