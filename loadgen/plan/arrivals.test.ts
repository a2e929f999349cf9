import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arrivals, type ArrivalPlan } from './arrivals.js';

const plan: ArrivalPlan = {
  rate: 100,
  share: { index: 0, stride: 1, count: 5 },
  startMs: 1000,
  endMs: Infinity,
  places: 5,
};

const endless = { ...plan.share, count: Infinity };

function takeAll(arrivals: Arrivals): number[] {
  const taken: number[] = [];
  for (let due = arrivals.take(); due !== undefined; due = arrivals.take()) taken.push(due);
  return taken;
}

describe('Arrivals', () => {
  it('asks for connection k at start + k/rate, however late it is looked at', () => {
    const arrivals = new Arrivals(plan);
    arrivals.advance(999);
    assert.deepEqual(takeAll(arrivals), []);
    arrivals.advance(1010);
    assert.deepEqual(takeAll(arrivals), [1000, 1010]);
    arrivals.advance(9999);
    assert.equal(arrivals.unstarted, 3);
    assert.deepEqual(takeAll(arrivals), [1020, 1030, 1040]);
    assert.equal(arrivals.isExhausted(9999), true);
  });

  it('takes its slot of the common schedule', () => {
    const arrivals = new Arrivals({ ...plan, share: { index: 1, stride: 3, count: 2 } });
    arrivals.advance(9999);
    assert.deepEqual(takeAll(arrivals), [1010, 1040]);
  });

  it('tells whether anything is to be started before a moment', () => {
    const arrivals = new Arrivals(plan);
    assert.equal(arrivals.isQuietUntil(999), true);
    assert.equal(arrivals.isQuietUntil(1000), false);
    arrivals.advance(1000);
    assert.equal(arrivals.isQuietUntil(1009), false, 'one is asked for and not taken');
    takeAll(arrivals);
    assert.equal(arrivals.isQuietUntil(1009), true);
    assert.equal(arrivals.isQuietUntil(1010), false);
  });

  it('asks for everything at the start with max', () => {
    const arrivals = new Arrivals({ ...plan, rate: 'max' });
    arrivals.advance(1000);
    assert.deepEqual(takeAll(arrivals), [1000, 1000, 1000, 1000, 1000]);
  });

  it('lets a connection without a place wait, due when a place becomes free', () => {
    const arrivals = new Arrivals({ ...plan, share: endless, places: 2 });
    arrivals.advance(1025);
    assert.deepEqual(takeAll(arrivals), [1000, 1010]);
    arrivals.release(1026);
    assert.deepEqual(takeAll(arrivals), [1026]);
    assert.equal(arrivals.askedTotal, 3);
    arrivals.release(1027);
    assert.deepEqual(takeAll(arrivals), [], 'connection 3 is due at 1030 only');
    arrivals.advance(1031);
    assert.deepEqual(takeAll(arrivals), [1030]);
  });

  it('asks for nothing at or after the end', () => {
    const arrivals = new Arrivals({ ...plan, share: endless, places: 9, endMs: 1020 });
    arrivals.advance(5000);
    assert.deepEqual(takeAll(arrivals), []);
    const inTime = new Arrivals({ ...plan, share: endless, places: 9, endMs: 1020 });
    inTime.advance(1019);
    assert.deepEqual(takeAll(inTime), [1000, 1010]);
    assert.equal(inTime.isExhausted(1019), false);
    assert.equal(inTime.isExhausted(1020), true);
  });

  it('keeps the order over many connections', () => {
    const arrivals = new Arrivals({
      ...plan,
      rate: 1000,
      share: { ...endless, count: 10_000 },
      places: 10_000,
    });
    const taken: number[] = [];
    for (let nowMs = 1000; nowMs < 12_000; nowMs += 700) {
      arrivals.advance(nowMs);
      taken.push(...takeAll(arrivals));
    }
    assert.deepEqual(
      taken,
      Array.from({ length: 10_000 }, (_, k) => 1000 + (k / 1000) * 1000),
    );
  });
});
