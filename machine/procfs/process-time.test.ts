import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseProcessTime } from './read-procfs.js';

describe('parseProcessTime()', () => {
  it('reads name and time, whatever the name', () => {
    const stat = '42 (a) (b c) S 1 42 42 0 -1 4194304 100 0 0 0 12 30 0 0 20 0 1 0 5 1000 10';
    assert.deepEqual(parseProcessTime(42, stat), { pid: 42, name: 'a) (b c', ticks: 42 });
  });

  it('is undefined for a process that is gone', () => {
    assert.equal(parseProcessTime(42, ''), undefined);
  });
});
