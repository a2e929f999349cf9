import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  addCounts,
  countError,
  countsAfterDeath,
  findDiscrepancies,
  listErrors,
  noCounts,
  type RunningCounts,
} from './counts.js';

/** Tallies of processes at any moment of a run without mistakes. */
const soundTally = fc
  .record({
    unstarted: fc.nat(50),
    pending: fc.nat(50),
    failed: fc.nat(50),
    open: fc.nat(50),
    lost: fc.nat(50),
    closedByUs: fc.nat(50),
    sent: fc.nat(50),
  })
  .map((made): RunningCounts => {
    const tally = noCounts();
    tally.connections_unstarted = made.unstarted;
    tally.connections_pending = made.pending;
    tally.connect_errors_total = made.failed;
    tally.errors.refused = made.failed;
    tally.connections = made.open;
    tally.connections_lost_total = made.lost;
    tally.errors.lost = made.lost;
    tally.connections_closed_total = made.lost + made.closedByUs;
    tally.connections_opened_total = tally.connections + tally.connections_closed_total;
    tally.greetings_received_total = tally.connections_opened_total;
    tally.connections_attempted_total =
      tally.connections_pending + tally.connections_opened_total + tally.connect_errors_total;
    tally.connections_asked_total = tally.connections_attempted_total + tally.connections_unstarted;
    tally.messages_sent_total = made.sent;
    return tally;
  });

const all = { isGreetingRequired: true, hasOpening: false, isAnswered: true };

describe('findDiscrepancies()', () => {
  it('finds none in processes that died, and in sums of them', () => {
    fc.assert(
      fc.property(fc.array(soundTally), (tallies) => {
        const sum = addCounts(tallies.map(countsAfterDeath));
        assert.deepEqual(findDiscrepancies(sum, all), []);
      }),
    );
  });

  it('finds every single miscount', () => {
    const fields = [
      'connections_asked_total',
      'connections_attempted_total',
      'connections_opened_total',
      'connect_errors_total',
      'connections_closed_total',
    ] as const;
    for (const field of [
      ...fields,
      'connections_lost_total',
      'greetings_received_total',
      'messages_sent_total',
      'connections_pending',
      'connections',
    ] as const) {
      const tally = noCounts();
      tally[field]++;
      assert.notDeepEqual(findDiscrepancies(tally, all), [], field);
    }
  });

  it('says which messages had no answer', () => {
    const tally = { ...noCounts(), messages_sent_total: 9, echoes_received_total: 7 };
    assert.deepEqual(findDiscrepancies(tally, { ...all, isGreetingRequired: false }), [
      'messages sent (9) is not echoes + wrong and missing echoes + messages on lost connections (7)',
    ]);
  });
});

describe('countsAfterDeath()', () => {
  it('counts what was open as lost and closed, and what was pending as failed', () => {
    const last = {
      ...noCounts(),
      connections_asked_total: 9,
      connections_attempted_total: 9,
      connections_pending: 2,
      connections_opened_total: 7,
      connections: 7,
    };
    const counts = addCounts([countsAfterDeath(last)]);
    assert.equal(counts.connect_errors_total, 2);
    assert.equal(counts.connections_closed_total, 7);
    assert.equal(counts.connections_lost_total, 7);
    assert.deepEqual(counts.errors, { lost: 7, other: 2 });
    assert.equal(counts.errors_total, 9);
  });
});

describe('listErrors()', () => {
  it('keeps the order of the codes', () => {
    const tally = noCounts();
    countError(tally, 'lost');
    tally.errors.refused = 12;
    assert.equal(listErrors(tally), '12 × refused, 1 × lost');
  });
});
