import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mostPayloadBytes } from './cases.js';
import { planConnection } from './connection-plan.js';
import { faultKinds } from './faults.js';
import { readStrictly } from './strict-reader.fixture.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const numbers = fc.nat({ max: 100_000 });

describe('planConnection()', () => {
  it('makes the same plan from the same seed and number, and others from others', () => {
    assert.deepEqual(planConnection(1, 7), planConnection(1, 7));
    assert.ok(!planConnection(1, 7).stream.equals(planConnection(1, 9).stream));
    assert.ok(!planConnection(1, 7).stream.equals(planConnection(2, 7).stream));
  });

  it('plans a stream that is valid, whose answers are those that a strict reader would give', () => {
    fc.assert(
      fc.property(seeds, numbers, (seed, number) => {
        const plan = planConnection(seed, number);
        const read = readStrictly(plan.stream, mostPayloadBytes);
        assert.equal(read.wrong, undefined);
        assert.equal(read.restBytes, 0);
        assert.equal(read.frames, plan.frameEnds.length);
        assert.equal(read.answers.length, plan.answers.length);
        for (const [index, { opcode, payload }] of plan.answers.entries()) {
          assert.equal(read.answers[index]?.opcode, opcode);
          assert.ok(read.answers[index].payload.equals(payload));
        }
        assert.equal(plan.writeEnds.at(-1), plan.stream.length);
        // The last is a ping, so that its pong acknowledges all.
        assert.equal(plan.answers.at(-1)?.frame, plan.frameEnds.length - 1);
      }),
      { numRuns: 200 },
    );
  });

  it('plans an ending that is wrong exactly at its first frame where it is a fault, and not otherwise', () => {
    const met = new Set<string>();
    for (let number = 1; number < 2000; number += 2) {
      const { stream, ending, frameEnds } = planConnection(6455, number);
      const read = readStrictly(Buffer.concat([stream, ending.bytes]), mostPayloadBytes);
      if (ending.kind === 'fault') {
        met.add(ending.fault);
        assert.equal(read.frames, frameEnds.length, ending.fault);
        assert.notEqual(read.wrong, undefined, ending.fault);
      } else {
        assert.equal(read.wrong, undefined);
        assert.equal(read.frames, frameEnds.length + (ending.kind === 'close' ? 1 : 0));
      }
    }
    assert.deepEqual([...met].sort(), [...faultKinds].sort());
  });
});
