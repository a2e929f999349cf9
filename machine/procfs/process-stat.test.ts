import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseParentPid, parseProcessState, parseProcessTime } from './process-stat.js';

describe('parseProcessTime()', () => {
  it('reads name and time, whatever the name', () => {
    const stat = '42 (a) (b c) S 1 42 42 0 -1 4194304 100 0 0 0 12 30 0 0 20 0 1 0 5 1000 10';
    assert.deepEqual(parseProcessTime(42, stat), { pid: 42, name: 'a) (b c', ticks: 42 });
  });

  it('is undefined for a process that is gone', () => {
    assert.equal(parseProcessTime(42, ''), undefined);
  });
});

describe('parseParentPid()', () => {
  it('is not confused by the name of the program', () => {
    assert.equal(parseParentPid('42 (a) b (c)) S 7 41 41 0 -1 4194304'), 7);
    assert.equal(parseParentPid(''), undefined);
  });
});

describe('parseProcessState()', () => {
  it('takes the state, whatever the name', () => {
    assert.equal(parseProcessState('42 (a) T (c)) S 7 41 41 0 -1 4194304'), 'S');
  });

  it('is undefined for a process that is gone', () => {
    assert.equal(parseProcessState(''), undefined);
  });
});
