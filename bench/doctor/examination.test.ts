import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleDemand, exampleMachine } from './example-machine.fixture.js';
import { examine, formatConclusion, formatExamination } from './examination.js';

describe('examine()', () => {
  it('can run what nothing stops', () => {
    const { can_run, largest } = examine(exampleMachine, exampleDemand);
    assert.equal(can_run, true);
    assert.equal(largest, 1_230_096);
  });

  it('can’t run what something stops', () => {
    const demand = { ...exampleDemand, connections: 2_000_000 };
    assert.equal(examine(exampleMachine, demand).can_run, false);
  });

  it('finds the same largest number whatever was asked for', () => {
    for (const connections of [100, 100_000_000]) {
      const { largest } = examine(exampleMachine, { ...exampleDemand, connections });
      assert.equal(largest, 1_230_096);
    }
  });
});

describe('formatConclusion()', () => {
  it('says how many more could be', () => {
    assert.equal(
      formatConclusion(examine(exampleMachine, exampleDemand)),
      '10,000 connections can be opened here; the most is about 1,230,000',
    );
  });

  it('says how many limits are tight', () => {
    const machine = { ...exampleMachine, acceptBacklog: 128 };
    assert.match(formatConclusion(examine(machine, exampleDemand)), /; 1 limit is tight; /);
  });

  it('does not say that what stops everything is enough for none', () => {
    const nativeBuild = { kind: 'fails', reason: 'no build', advice: ['another server'] } as const;
    const machine = { ...exampleMachine, nativeBuild };
    assert.equal(
      formatConclusion(examine(machine, exampleDemand)),
      'Cannot open 10,000 connections: native build: Node 20.20.0, glibc 2.36, needed a build that loads',
    );
  });

  it('says what stops it, and how many can be', () => {
    const demand = { ...exampleDemand, connections: 1_300_000 };
    assert.equal(
      formatConclusion(examine(exampleMachine, demand)),
      'Cannot open 1,300,000 connections: fs.file-max: 2,466,193, needed 2,606,000, which is enough for about 1,230,000',
    );
  });
});

describe('formatExamination()', () => {
  it('writes each limit with what it is, and what lifts it', () => {
    const demand = { ...exampleDemand, connections: 1_300_000 };
    const lines = formatExamination(examine(exampleMachine, demand)).split('\n');
    const at = lines.findIndex((line) => line.includes('fs.file-max'));
    assert.deepEqual(lines.slice(at, at + 3), [
      '✗ not ok  fs.file-max                     2,466,193; needed: 2,606,000',
      '          open files of all processes; a connection is one at each end',
      "          → sudo sysctl -w fs.file-max='5212000'",
    ]);
    assert.match(lines.at(-1) ?? '', /sysctl\.d/);
  });

  it('says nothing of sysctl where none is needed', () => {
    assert.doesNotMatch(formatExamination(examine(exampleMachine, exampleDemand)), /sysctl -w/);
  });
});
