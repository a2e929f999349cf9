import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MapSchedule } from './map-schedule.js';

describe('MapSchedule', () => {
  it('has few maps read by every sample, whatever they cost', () => {
    const schedule = new MapSchedule();
    schedule.noteCost(0, 500);
    assert.ok(schedule.isDue('ramp', 8, 1));
  });

  it('has many maps read for a twenty-fifth of a core while connections come or go', () => {
    const schedule = new MapSchedule();
    assert.ok(schedule.isDue('ramp', 54, 1000));
    schedule.noteCost(1000, 250);
    for (const phase of ['ramp', 'drain'] as const) {
      assert.ok(!schedule.isDue(phase, 54, 7249));
      assert.ok(schedule.isDue(phase, 54, 7250));
    }
  });

  it('has all maps read where nothing moves', () => {
    const schedule = new MapSchedule();
    schedule.noteCost(0, 250);
    for (const phase of ['baseline', 'hold', 'rest'] as const) {
      assert.ok(schedule.isDue(phase, 54, 1));
    }
  });
});
