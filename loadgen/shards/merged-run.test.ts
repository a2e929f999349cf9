import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleSummary } from './example-summary.fixture.js';
import type { ShardSummary } from './merge-summaries.js';
import { findClockDoubts, mergeRun } from './merged-run.js';

function shard(index: number, count: number, changes = {}): ShardSummary {
  return {
    name: `shard-${index}`,
    summary: exampleSummary(100, { shard_index: index, shard_count: count, ...changes }),
  };
}

describe('mergeRun()', () => {
  it('merges a whole run', () => {
    const { summary, missing, clockDoubts } = mergeRun([shard(1, 2), shard(0, 2)]);
    assert.equal(summary.connections_opened_total, 200);
    assert.equal(summary.outcome, 'completed');
    assert.deepEqual([missing, clockDoubts], [[], []]);
  });

  it('names the shards that left nothing, and keeps the others', () => {
    const { summary, missing } = mergeRun([shard(0, 4), shard(3, 4)]);
    assert.deepEqual(missing, [1, 2]);
    assert.equal(summary.connections_opened_total, 200);
    assert.equal(summary.outcome, 'failed');
    assert.match(summary.reason ?? '', /^2 of 4 shards left nothing \(1, 2\)/);
  });

  it('refuses a shard that is there twice, and shards of different runs', () => {
    assert.throws(
      () => mergeRun([shard(1, 4), shard(1, 4)]),
      /shard-1 and shard-1 are both shard 1 of 4/,
    );
    assert.throws(() => mergeRun([shard(0, 4), shard(1, 3)]), /divided into 4 and 3 shards/);
  });
});

describe('findClockDoubts()', () => {
  it('accepts starts and clocks that are a little apart', () => {
    const late = { started_at: '2026-01-31T12:00:00.900Z', ended_at: '2026-01-31T12:00:11.000Z' };
    assert.deepEqual(findClockDoubts([shard(0, 2), shard(1, 2, late)]), []);
  });

  it('names a shard that began later, and one whose clock was moved', () => {
    const late = { started_at: '2026-01-31T12:00:02.400Z', ended_at: '2026-01-31T12:00:12.400Z' };
    const moved = { ended_at: '2026-01-31T12:01:10.000Z' };
    const doubts = findClockDoubts([shard(0, 3), shard(1, 3, late), shard(2, 3, moved)]);
    assert.equal(doubts.length, 2);
    assert.match(doubts[0] ?? '', /^shard-1 began 2\.4 s after the first/);
    assert.match(doubts[1] ?? '', /^the clock of shard-2 was moved by 60\.0 s/);
  });
});
