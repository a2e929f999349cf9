import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleDemand, exampleMachine } from './example-machine.fixture.js';
import { formatPlan, planBench } from './run-plan.js';

describe('planBench()', () => {
  it('has a worker per core, and generators by the rate, for a small run', () => {
    const plan = planBench({ ...exampleDemand, rate: 2000 }, exampleMachine);
    assert.equal(plan.workers, 2);
    assert.equal(plan.workers_reason, 'one per core (2)');
    assert.equal(plan.generators, 1);
    assert.match(plan.generators_reason, /^one per 4,000\/s/);
    assert.equal(plan.ramp_s, 5);
  });

  it('has more processes where the open-file limit asks for them, and says so', () => {
    const plan = planBench({ ...exampleDemand, connections: 400_000, rate: 'max' }, exampleMachine);
    assert.equal(plan.workers, 21);
    assert.match(plan.workers_reason, /each may open 20,000 files/);
    assert.equal(plan.generators, 21);
    assert.match(plan.generators_reason, /each may open 20,000 files, 19,872 of them/);
    assert.equal(plan.generators_at_once, 2);
    assert.equal(plan.ramp_s, undefined);
    assert.equal(plan.sockets, 800_000);
  });

  it('needs no room for an uneven spread where the workers are filled in turn, and says so', () => {
    const million = { ...exampleDemand, connections: 1_000_000, rate: 'max' } as const;
    assert.equal(planBench(million, exampleMachine).workers, 53);
    const plan = planBench({ ...million, fillsInTurn: true }, exampleMachine);
    assert.equal(plan.workers, 51);
    assert.match(plan.workers_reason, /each may open 20,000 files, and they are filled one after/);
  });

  it('bounds what a process has where files are plenty', () => {
    const machine = { ...exampleMachine, openFiles: 1_048_576 };
    const plan = planBench({ ...exampleDemand, connections: 400_000 }, machine);
    assert.equal(plan.workers, 2);
    assert.equal(plan.generators, 8);
    assert.match(plan.generators_reason, /^50,000 connections each/);
  });

  it('has the processes that were chosen, and refuses too few', () => {
    const chosen = { ...exampleDemand, workers: 7, generators: 5 };
    const plan = planBench(chosen, exampleMachine);
    assert.equal(plan.workers, 7);
    assert.equal(plan.workers_reason, 'as --workers says');
    assert.equal(plan.generators, 5);
    assert.equal(plan.generators_reason, 'as --processes says');
    assert.throws(
      () => planBench({ ...chosen, connections: 400_000 }, exampleMachine),
      /400000 connections need more than 7 workers/,
    );
  });

  it('counts only what is here', () => {
    const demand = { ...exampleDemand, server: 'running', holdsGenerator: false } as const;
    const plan = planBench(demand, exampleMachine);
    assert.equal(plan.generators, 0);
    assert.equal(plan.generators_reason, 'others stand by');
    assert.equal(plan.workers, 0);
    assert.equal(plan.sockets, 10_000);
  });
});

describe('formatPlan()', () => {
  it('says each with its reason', () => {
    const plan = planBench({ ...exampleDemand, connections: 400_000 }, exampleMachine);
    assert.deepEqual(formatPlan(plan).split('\n'), [
      'connections  400,000, that is 800,000 sockets here',
      'server       21 workers: each may open 20,000 files, and SO_REUSEPORT spreads unevenly, so that room for five deviations is left; one per core would be 2',
      'generator    21 processes, 1 at a time: each may open 20,000 files, 19,872 of them for connections',
      "memory       about 5.35 GiB of 22.4 GiB available, with the kernel's part",
      'ramp         200.0 s at the rate asked',
    ]);
  });
});
