import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSaturation, type LoadOnGenerator } from './saturation.js';

const calm: LoadOnGenerator = {
  lagP99Ms: 2,
  busiestProcessRampCpuPercent: 40,
  rampCpuPercent: 40,
  cores: 2,
  rateAskedPerSecond: 500,
  rateAchievedPerSecond: 499,
  rampSeconds: 2,
  localFailures: 0,
};

describe('findSaturation()', () => {
  const cases: [string, Partial<LoadOnGenerator>, string[]][] = [
    ['a calm run', {}, []],
    ['a busy process that keeps up', { busiestProcessRampCpuPercent: 99 }, []],
    [
      'a ramp too short to tell',
      { busiestProcessRampCpuPercent: 99, rateAchievedPerSecond: 90, rampSeconds: 0.06 },
      [],
    ],
    ['a slow server', { rateAchievedPerSecond: 100 }, []],
    ['lag', { lagP99Ms: 80 }, ['event-loop lag p99 was 80 ms, more than 50 ms']],
    [
      'a busy process that falls behind',
      { busiestProcessRampCpuPercent: 99, rateAchievedPerSecond: 400 },
      ['the rate came to 400/s of 500/s while the busiest generator process used 99% of a core'],
    ],
    [
      'many processes that share the cores',
      { rampCpuPercent: 185, rateAchievedPerSecond: 400 },
      ['the rate came to 400/s of 500/s while the generator used 185% of 200% CPU'],
    ],
    [
      'max, bound by the generator',
      { rateAskedPerSecond: undefined, busiestProcessRampCpuPercent: 97 },
      ['rate max came to 499/s while the busiest generator process used 97% of a core'],
    ],
    ['max, bound by the server', { rateAskedPerSecond: undefined }, []],
    ['no ports', { localFailures: 3 }, ['3 connections found no local port or file descriptor']],
  ];
  for (const [name, changes, expected] of cases) {
    it(`judges ${name}`, () => {
      assert.deepEqual(findSaturation({ ...calm, ...changes }), expected);
    });
  }
});
