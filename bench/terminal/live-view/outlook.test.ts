import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginLiveState, follow, type LiveEvent } from './live-state.js';
import { lookAhead } from './outlook.js';
import { countsOf, plan, rampEvents, rampNowMs, stateAfter } from './recorded-events.fixture.js';

function phase(wave: number, name: 'ramp' | 'hold' | 'drain' | 'rest', atMs: number): LiveEvent {
  return { kind: 'phase', position: { wave, phase: name }, atMs };
}

describe('lookAhead()', () => {
  it('expects the rest of a ramp at the mean rate so far', () => {
    // 4,000 in 2 s: 6,000 more take 3 s. Then 5 s hold and 5 s rest, and a wave of 15 s.
    assert.deepEqual(lookAhead(stateAfter(...rampEvents), rampNowMs), {
      open: 4000,
      ratePerSecond: 2000,
      rampLeftMs: 3000,
      phaseLengthMs: undefined,
      runLeftMs: 13_000 + 15_000,
    });
  });

  it('does not wait for connections that have failed', () => {
    const state = stateAfter(...rampEvents, {
      kind: 'counts',
      wave: 1,
      counts: countsOf(4000, { refused: 6000 }, 6000),
    });
    assert.equal(lookAhead(state, rampNowMs).rampLeftMs, 0);
  });

  it('knows no end of a ramp in which nothing opens, or that has only begun', () => {
    const none: LiveEvent = { kind: 'counts', wave: 1, counts: countsOf(0) };
    const stuck = lookAhead(stateAfter(...rampEvents, none), rampNowMs);
    assert.equal(stuck.ratePerSecond, 0);
    assert.equal(stuck.rampLeftMs, undefined);
    assert.equal(lookAhead(stateAfter(...rampEvents), 4100).ratePerSecond, undefined);
  });

  it('takes the length of the wave before for that of the next ones', () => {
    // The first wave took 17 s; of the second, 10 s have passed, and it is the last.
    const state = stateAfter(...rampEvents, phase(2, 'ramp', 21_000), phase(2, 'hold', 29_000));
    const outlook = lookAhead(state, 31_000);
    assert.equal(outlook.runLeftMs, 7000);
    assert.equal(outlook.phaseLengthMs, 5000);
  });

  it('knows in a rest when that will be over, and that nothing is open', () => {
    const state = stateAfter(...rampEvents, phase(1, 'rest', 20_000));
    const outlook = lookAhead(state, 22_000);
    assert.equal(outlook.runLeftMs, 3000 + 15_000);
    assert.equal(outlook.open, 0);
  });

  it('does not guess the length of the first wave at --rate max', () => {
    const events: LiveEvent[] = [phase(1, 'ramp', 3000), phase(2, 'ramp', 23_000)];
    const [first, second] = events;
    assert.ok(first !== undefined && second !== undefined);
    const inFirst = follow(beginLiveState({ ...plan, rate: 'max' }, 0), first);
    assert.equal(lookAhead(inFirst, 5000).runLeftMs, undefined);
    assert.equal(lookAhead(follow(inFirst, second), 25_000).runLeftMs, 18_000);
  });

  it('plans from the baseline on', () => {
    assert.equal(lookAhead(stateAfter(), 1000).runLeftMs, 2000 + 2 * 15_000);
    assert.equal(lookAhead(stateAfter(), 1000).phaseLengthMs, 3000);
  });
});
