import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnswerChecker } from './answer-checker.js';
import { opcodes, type ServerFrame } from './frame.js';

const { text, continuation, pong } = opcodes;

function frame(opcode: number, payload: string, isFinal = true): ServerFrame {
  return { opcode, payload: Buffer.from(payload), isFinal, reserved: 0 };
}

function checker(): AnswerChecker {
  return new AnswerChecker([
    { opcode: text, payload: Buffer.from('hello'), frame: 1, end: 20 },
    { opcode: pong, payload: Buffer.from('now'), frame: 4, end: 50 },
  ]);
}

describe('AnswerChecker', () => {
  it('takes answers in order, in pieces too, and counts the frames that they acknowledge', () => {
    const each = checker();
    assert.equal(each.countOwedPongs(49), 0);
    assert.equal(each.countOwedPongs(50), 1);
    each.take(frame(text, 'hel', false));
    assert.equal(each.acknowledgedFrames, 0);
    each.take(frame(continuation, 'lo'));
    assert.equal(each.acknowledgedFrames, 2);
    assert.equal(each.acknowledgedBytes, 20);
    each.take(frame(pong, 'now'));
    assert.deepEqual([each.right, each.acknowledgedFrames, each.isComplete], [2, 5, true]);
    assert.deepEqual(each.wrong, []);
  });

  it('goes on after an answer of other bytes', () => {
    const each = checker();
    each.take(frame(text, 'hallo'));
    each.take(frame(pong, 'now'));
    assert.deepEqual(each.wrong, [{ frame: 1, why: 'other bytes came back' }]);
    assert.deepEqual([each.right, each.isOutOfStep], [1, false]);
  });

  for (const [name, wrong, why] of [
    ['another opcode', frame(pong, 'hello'), 'opcode 10 instead of 1'],
    ['another length', frame(text, 'hell'), '4 bytes instead of 5'],
    ['a reserved bit', { ...frame(text, 'hello'), reserved: 4 }, 'a reserved bit is set'],
  ] as const) {
    it(`is out of step after ${name}`, () => {
      const each = checker();
      each.take(wrong);
      assert.deepEqual(each.wrong, [{ frame: 1, why }]);
      assert.ok(each.isOutOfStep);
    });
  }
});
