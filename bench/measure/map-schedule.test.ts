import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MapSchedule } from './map-schedule.js';

describe('MapSchedule', () => {
  it('has few maps read by every sample, whatever they cost', () => {
    const schedule = new MapSchedule();
    schedule.noteCost('ramp', 0, 500);
    assert.ok(schedule.isDue('ramp', 8, 1));
  });

  it('has many maps read for a twenty-fifth of a core while connections come or go', () => {
    const schedule = new MapSchedule();
    assert.ok(schedule.isDue('ramp', 54, 1000));
    schedule.noteCost('ramp', 1000, 250);
    for (const phase of ['ramp', 'drain'] as const) {
      assert.ok(!schedule.isDue(phase, 54, 7249));
      assert.ok(schedule.isDue(phase, 54, 7250));
    }
  });

  it('has all maps read where floors are', () => {
    const schedule = new MapSchedule();
    schedule.noteCost('drain', 0, 250);
    for (const phase of ['baseline', 'rest'] as const) assert.ok(schedule.isDue(phase, 54, 1));
  });

  it('has many maps read five times in a hold, and then for a twenty-fifth of a core', () => {
    const schedule = new MapSchedule();
    for (const wave of [0, 100_000]) {
      schedule.noteCost('ramp', wave, 250);
      for (let sample = 1; sample <= 5; sample++) {
        const nowMs = wave + sample * 1000;
        assert.ok(schedule.isDue('hold', 54, nowMs));
        schedule.noteCost('hold', nowMs, 250);
      }
      assert.ok(!schedule.isDue('hold', 54, wave + 11_249));
      assert.ok(schedule.isDue('hold', 54, wave + 11_250));
    }
  });
});
