import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { connectionCapacity, planWorkers } from './worker-plan.js';

describe('planWorkers()', () => {
  it('takes one worker per core where the files suffice', () => {
    const plan = planWorkers({ connections: 10_000, openFileLimit: 20_000, cores: 2 });
    // A share of 5,000 and five deviations of √5,000 = 70.7.
    assert.deepEqual(plan, { workers: 2, connectionsPerWorker: 5354, maxConnections: 10_708 });
  });

  it('takes as many as the open-file limit forces', () => {
    const plan = planWorkers({ connections: 400_000, openFileLimit: 20_000, cores: 2 });
    // 400,000 / 21 = 19,048, and 19,048 + 5 × 138 = 19,738 is within 20,000 − 128; with 20 workers it would not be.
    assert.equal(plan.workers, 21);
    assert.equal(plan.connectionsPerWorker, 19_738);
  });

  it('needs no head-room for one worker', () => {
    const plan = planWorkers({ connections: 100, openFileLimit: 1024, cores: 4, workers: 1 });
    assert.equal(plan.maxConnections, 100);
  });

  it('refuses a number of workers that can not hold the connections, and says what can be done', () => {
    assert.throws(
      () => planWorkers({ connections: 100_000, openFileLimit: 20_000, cores: 2, workers: 2 }),
      /^RangeError: 100000 connections need more than 2 workers: each can open 20000 files, about 39744 connections in all; use --workers auto/,
    );
  });

  it('refuses a machine without files for a server', () => {
    assert.throws(
      () => planWorkers({ connections: 1000, openFileLimit: 130, cores: 2 }),
      /^RangeError: The open-file limit of 130 is too low/,
    );
  });

  it('always holds what was asked for, within the limit of each process', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.integer({ min: 256, max: 1_048_576 }),
        fc.integer({ min: 1, max: 64 }),
        (connections, openFileLimit, cores) => {
          const plan = planWorkers({ connections, openFileLimit, cores });
          assert.ok(plan.maxConnections >= connections);
          assert.ok(plan.connectionsPerWorker <= connectionCapacity(openFileLimit));
          assert.ok(plan.workers >= cores);
        },
      ),
    );
  });
});
