import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Backlog } from './backlog.js';

describe('Backlog', () => {
  it('adds up what connections are behind now, and says when it is too much', () => {
    const backlog = new Backlog<string>(100);
    assert.equal(backlog.note('a', 60), false);
    assert.equal(backlog.note('b', 40), false);
    assert.equal(backlog.note('b', 41), true);
    assert.equal(backlog.totalBytes, 101);
    assert.equal(backlog.note('a', 10), false);
    assert.equal(backlog.totalBytes, 51);
    backlog.forget('b');
    backlog.forget('b');
    backlog.forget('c');
    assert.equal(backlog.totalBytes, 10);
    assert.equal(backlog.note('a', 0), false);
    assert.equal(backlog.totalBytes, 0);
  });
});
