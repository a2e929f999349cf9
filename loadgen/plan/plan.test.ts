import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planProcesses, type ProcessDemand } from './plan.js';

const machine: ProcessDemand = {
  connections: 1000,
  rate: 500,
  openFileLimit: 20_000,
  cores: 2,
  availableMemoryBytes: 24 * 1024 ** 3,
};

describe('planProcesses()', () => {
  it('follows the open-file limit, the rate and the cores', () => {
    const cases: [Partial<ProcessDemand>, number][] = [
      [{}, 1],
      [{ rate: 8000 }, 2],
      [{ rate: 'max' }, 2],
      [{ rate: 'max', cores: 8 }, 8],
      [{ rate: 'max', connections: 1 }, 1],
      [{ connections: 400_000 }, 21],
      [{ connections: 400_000, openFileLimit: 1_048_576 }, 8],
      [{ processes: 7 }, 7],
      [{ processes: 7, connections: 3 }, 3],
    ];
    for (const [demand, processes] of cases) {
      assert.equal(planProcesses({ ...machine, ...demand }), processes, JSON.stringify(demand));
    }
  });

  it('refuses more connections than files, and says how many can be', () => {
    assert.throws(
      () => planProcesses({ ...machine, connections: 50_000, processes: 2 }),
      /Cannot open 50000 connections from 2 processes: .* 39744 connections at most/,
    );
    assert.throws(
      () => planProcesses({ ...machine, openFileLimit: 100 }),
      /limit of 100 is too low/,
    );
  });

  it('refuses more connections than memory, and says how many can be', () => {
    const demand = { ...machine, connections: 1_000_000, availableMemoryBytes: 2 * 1024 ** 3 };
    assert.throws(() => planProcesses(demand), /Cannot open 1000000 .* 2048 MiB .* about \d{6}$/);
  });
});
