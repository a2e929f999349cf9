import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PacingClock } from './clock.js';

describe('PacingClock', () => {
  it('measures lag against a grid of 5 ms and leaves missed ticks out', () => {
    const clock = new PacingClock(100);
    assert.equal(clock.tick(100, false), 0);
    assert.equal(clock.delayMs(100), 5);
    assert.equal(clock.tick(107, false), 2);
    assert.equal(clock.delayMs(107), 3);
    assert.equal(clock.tick(123, false), 13, 'planned for 110');
    assert.equal(clock.delayMs(123), 2, 'the next one is 125, as if nothing had been late');
  });

  it('ticks slowly while idle, and hurries when something comes up', () => {
    const clock = new PacingClock(100);
    clock.tick(100, true);
    assert.equal(clock.delayMs(100), 200);
    clock.hurry(110);
    assert.equal(clock.delayMs(110), 5);
  });

  it('counts an early timer as no lag', () => {
    assert.equal(new PacingClock(100).tick(99.5, false), 0);
  });
});
