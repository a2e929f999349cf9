import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import { noCounts } from '../../server/counts.js';
import { exampleSummary } from '../../loadgen/shards/example-summary.fixture.js';
import { findMiscounts, type ServerTotals } from './reconcile.js';

const summary: SummaryLine = exampleSummary(100, {
  messages_sent_total: 40,
  echoes_received_total: 40,
});

const server: ServerTotals = {
  ...noCounts,
  connections_opened_total: 100,
  connections_closed_total: 100,
  greetings_sent_total: 100,
  messages_received_total: 40,
  messages_echoed_total: 40,
  workers_restarted_total: 0,
};

describe('findMiscounts()', () => {
  it('finds nothing where all agrees, and where the server has no counts', () => {
    assert.deepEqual(findMiscounts(summary, server), []);
    assert.deepEqual(findMiscounts(summary, undefined), []);
  });

  it('finds what the generator has found itself', () => {
    assert.deepEqual(
      findMiscounts(
        {
          ...summary,
          discrepancies: ['asked (2) is not attempted + unstarted (1)'],
          errors: { echo_wrong: 1 },
          errors_total: 1,
          connections_lost_total: 3,
          processes_lost: 1,
        },
        server,
      ),
      [
        'asked (2) is not attempted + unstarted (1)',
        '1 errors: 1 × echo_wrong',
        '3 connections were lost',
        '1 generator processes have died',
      ],
    );
  });

  const wrong: readonly [keyof ServerTotals, number, string][] = [
    ['connections', 1, 'connections open on the server (1) are not ours (0)'],
    ['connections_opened_total', 99, 'connections that the server opened (99) are not ours (100)'],
    ['connections_closed_total', 99, 'connections that it closed (99) are not ours (100)'],
    ['greetings_sent_total', 101, 'greetings that it sent (101) are not those received (100)'],
    ['messages_received_total', 39, 'messages that it received (39) are not those sent (40)'],
    ['messages_echoed_total', 41, 'messages that it echoed (41) are not echoes received (40)'],
    ['workers_restarted_total', 1, 'workers that were restarted (1) are not those wanted (0)'],
  ];
  for (const [name, value, message] of wrong) {
    it(`finds a wrong ${name}`, () => {
      assert.deepEqual(findMiscounts(summary, { ...server, [name]: value }), [message]);
    });
  }

  it('finds a connection without its greeting, and a message without its echo', () => {
    assert.deepEqual(
      findMiscounts(
        { ...summary, greetings_received_total: 99, echoes_received_total: 39 },
        undefined,
      ),
      [
        'greetings received (99) are not connections opened (100)',
        'echoes received (39) are not messages sent (40)',
      ],
    );
  });
});
