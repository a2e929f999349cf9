import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MachineLimits } from '../capacity/machine-limits.js';
import { findObstacle } from './preflight.js';

const limits: MachineLimits = {
  openFiles: 20_000,
  cores: 2,
  availableMemoryBytes: 24e9,
  ephemeralPorts: { first: 32_768, last: 60_999 },
  systemOpenFiles: 2_400_000,
};

describe('findObstacle()', () => {
  it('sees none for a million connections in 24 GB', () => {
    assert.equal(findObstacle({ connections: 1_000_000, startsTarget: true }, limits), undefined);
  });

  it('names the memory and the largest number when it does not suffice', () => {
    const obstacle = findObstacle(
      { connections: 4_000_000, startsTarget: true },
      { ...limits, systemOpenFiles: Infinity },
    );
    const largest = Number(/about (\d+)$/.exec(obstacle ?? '')?.[1]);
    // 17,000 bytes a connection and two processes of 45 MB per some 19,500 connections: 24e9 / 21,700.
    assert.ok(largest > 1_050_000 && largest < 1_150_000, obstacle);
    assert.match(obstacle ?? '', /^Cannot open 4000000 connections: 22888 MiB of memory are free/);
  });

  it('names the open files of the machine when they are fewer', () => {
    assert.equal(
      findObstacle(
        { connections: 60_000, startsTarget: false },
        { ...limits, systemOpenFiles: 100_000 },
      ),
      'Cannot open 60000 connections: the machine allows 100000 open files in all (fs.file-max), which is enough for about 50000',
    );
  });

  it('never names a number that it would refuse', () => {
    for (const availableMemoryBytes of [1e8, 1e9, 5e9]) {
      const poor = { ...limits, availableMemoryBytes };
      const obstacle = findObstacle({ connections: 100_000_000, startsTarget: true }, poor);
      const largest = Number(/about (\d+)$/.exec(obstacle ?? '')?.[1]);
      assert.equal(findObstacle({ connections: largest, startsTarget: true }, poor), undefined);
    }
  });
});
