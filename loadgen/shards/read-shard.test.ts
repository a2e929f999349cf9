import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addCounts } from '../report/counts.js';
import { reportVersion } from '../report/report-lines.js';
import { exampleSummary } from './example-summary.fixture.js';
import { readShard } from './read-shard.js';

const started = {
  version: reportVersion,
  kind: 'started',
  url: 'ws://127.0.0.1:1',
  shard_index: 2,
  shard_count: 4,
  started_at: '2026-01-31T12:00:00.000Z',
  coordinator_pid: 10,
  process_pids: [11, 12],
  process_space: '',
};

const progress = {
  kind: 'progress',
  monotonic_ms: 5000,
  elapsed_s: 2,
  lag_ms: 1,
  ...addCounts([]),
  connections_asked_total: 1000,
  connections_attempted_total: 1000,
  connections_opened_total: 990,
  greetings_received_total: 990,
  connect_errors_total: 2,
  connections_pending: 8,
  connections: 990,
  errors: { refused: 2 },
  errors_total: 2,
};

describe('readShard()', () => {
  it('reads the document of --json, and the last line of --json-lines among other lines of a log', () => {
    const summary = exampleSummary(5);
    assert.deepEqual(readShard(JSON.stringify(summary, undefined, 2)), summary);
    const log = ['a line of the runtime', JSON.stringify(started), JSON.stringify(summary), ''];
    assert.deepEqual(readShard(log.join('\n')), summary);
  });

  it('takes the last counts of a generator that died, with what was open as lost', () => {
    const log = [started, { ...progress, elapsed_s: 1, connections: 1 }, progress];
    const text = `${log.map((line) => JSON.stringify(line)).join('\n')}\n{"kind":"progr`;
    const summary = readShard(text);
    assert.equal(summary.outcome, 'failed');
    assert.match(summary.reason ?? '', /died without a summary 2\.0 s after its start/);
    assert.deepEqual([summary.shard_index, summary.shard_count], [2, 4]);
    assert.equal(summary.connections, 0);
    assert.equal(summary.connections_opened_total, 990);
    assert.equal(summary.connections_lost_total, 990);
    assert.equal(summary.connections_closed_total, 990);
    assert.equal(summary.connect_errors_total, 10);
    assert.deepEqual(summary.errors, { refused: 2, other: 8, lost: 990 });
    assert.equal(summary.errors_total, 1000);
    assert.equal(summary.latency.connect.count, 0);
  });

  it('refuses text without counts, and another version', () => {
    assert.throws(() => readShard('hello'), /holds no summary/);
    assert.throws(() => readShard(JSON.stringify(started)), /holds no summary/);
    const newer = JSON.stringify({ ...exampleSummary(1), version: 99 });
    assert.throws(() => readShard(newer), /has version 99, but only version 2 can be read/);
  });
});
