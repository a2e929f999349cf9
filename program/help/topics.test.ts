import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findNearTopics, findPage, summaryOf, topicOf } from './topics.js';

const pages = ['doctor', 'is-it-a-leak', 'verdict', 'your-server'];

describe('topicOf()', () => {
  it('has an ending where a command has the name of the page', () => {
    assert.equal(topicOf('doctor', ['bench', 'doctor']), 'doctor.md');
    assert.equal(topicOf('verdict', ['bench', 'doctor']), 'verdict');
  });
});

describe('findPage()', () => {
  for (const [topic, page] of [
    ['verdict', 'verdict'],
    ['verdict.md', 'verdict'],
    ['docs/verdict.md', 'verdict'],
    ['verdict.md#what-is-counted', 'verdict'],
    ['../package', undefined],
    ['verd', undefined],
    ['', undefined],
  ] as const) {
    it(`of ${JSON.stringify(topic)} is ${String(page)}`, () => {
      assert.equal(findPage(topic, pages), page);
    });
  }
});

describe('findNearTopics()', () => {
  for (const [wanted, near] of [
    ['leak', ['is-it-a-leak']],
    ['verdickt', ['verdict']],
    ['Server', ['your-server']],
    ['quantum', []],
    ['', []],
  ] as const) {
    it(`of ${JSON.stringify(wanted)} are ${near.join(', ') || 'none'}`, () => {
      assert.deepEqual(findNearTopics(wanted, pages), near);
    });
  }
});

describe('summaryOf()', () => {
  for (const [paragraph, summary] of [
    ['This page explains how `a` works,\nand why. It is long.', 'how a works, and why'],
    ['Here you learn [each](x.md) option', 'each option'],
    ['Memory climbs. This page helps.', 'Memory climbs'],
    ['See samples.csv and node 20.19.', 'See samples.csv and node 20.19'],
  ] as const) {
    it(`of ${JSON.stringify(paragraph)} is ${JSON.stringify(summary)}`, () => {
      assert.equal(summaryOf(`# Title\n\n${paragraph}\n\nNext.\n`), summary);
    });
  }
});
