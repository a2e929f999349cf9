import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PacingClock } from './clock.js';

describe('PacingClock', () => {
  it('measures lag against a grid of 5 ms and leaves missed ticks out', () => {
    const clock = new PacingClock(100);
    assert.equal(clock.tick(100, 'working'), 0);
    assert.equal(clock.delayMs(100), 5);
    assert.equal(clock.tick(107, 'working'), 2);
    assert.equal(clock.delayMs(107), 3);
    assert.equal(clock.tick(123, 'working'), 13, 'planned for 110');
    assert.equal(clock.delayMs(123), 2, 'the next one is 125, as if nothing had been late');
  });

  it('ticks slowly while idle, more so at rest, and hurries when something comes up', () => {
    const clock = new PacingClock(100);
    clock.tick(100, 'idle');
    assert.equal(clock.delayMs(100), 200);
    clock.tick(300, 'resting');
    assert.equal(clock.delayMs(300), 1000);
    clock.hurry(310);
    assert.equal(clock.delayMs(310), 5);
  });

  it('counts an early timer as no lag', () => {
    assert.equal(new PacingClock(100).tick(99.5, 'working'), 0);
  });
});
