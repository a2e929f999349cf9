import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chunkCostBytes, MemoryBudget } from './memory-budget.js';

const limits = { messageBytes: 1, unsentBytes: 1000, totalBytes: 5000 };

describe('MemoryBudget', () => {
  it('adds up what is claimed and given back, and says what is too much in all', () => {
    const budget = new MemoryBudget(limits);
    assert.equal(budget.claim(5000), true);
    assert.equal(budget.claim(1), false);
    assert.equal(budget.claim(-2), true);
    assert.equal(budget.claim(1), true);
    assert.equal(budget.usedBytes, 5000);
  });

  it('lets a frame wait that is longer than the limit of its connection, but none after it', () => {
    const budget = new MemoryBudget(limits);
    const source = { unsentBytes: 4000 };
    assert.equal(budget.frameWaits(source, 4000), undefined);
    source.unsentBytes = 4010;
    assert.equal(budget.frameWaits(source, 10), 'unsent_too_large');
    budget.forget(source);
    assert.equal(budget.usedBytes, 0);
  });

  it('counts what each frame costs that waits, until it is sent', () => {
    const budget = new MemoryBudget(limits);
    const source = { unsentBytes: 6 };
    assert.equal(budget.countFrame(source), undefined);
    assert.equal(budget.frameWaits(source, 6), undefined);
    const sent = budget.countFrame(source);
    source.unsentBytes = 12;
    assert.equal(budget.frameWaits(source, 6), undefined);
    assert.equal(budget.usedBytes, 12 + chunkCostBytes);
    source.unsentBytes = 0;
    sent?.();
    assert.equal(budget.usedBytes, 0);
    assert.equal(budget.countFrame(source), undefined);
  });

  it('looks again at what was sent meanwhile before it says that all is too much', () => {
    const budget = new MemoryBudget(limits);
    const [one, other] = [{ unsentBytes: 4000 }, { unsentBytes: 4000 }];
    assert.equal(budget.frameWaits(one, 4000), undefined);
    one.unsentBytes = 0;
    assert.equal(budget.frameWaits(other, 4000), undefined);
    assert.equal(budget.usedBytes, 4000);
    one.unsentBytes = 1001;
    assert.equal(budget.frameWaits(one, 1001), 'memory_exceeded');
  });
});
