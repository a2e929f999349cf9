import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { countsOf, findDiscrepancies, listErrors } from './counts.js';
import { emptyTally, sumTallies, tallyAfterDeath, type RunningTally } from './tally.js';

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
  .map((made): RunningTally => {
    const tally = emptyTally();
    tally.unstarted = made.unstarted;
    tally.pending = made.pending;
    tally.failedTotal = made.failed;
    tally.errors.refused = made.failed;
    tally.open = made.open;
    tally.lostTotal = made.lost;
    tally.errors.lost = made.lost;
    tally.closedTotal = made.lost + made.closedByUs;
    tally.openedTotal = tally.open + tally.closedTotal;
    tally.greetedTotal = tally.openedTotal;
    tally.attemptedTotal = tally.pending + tally.openedTotal + tally.failedTotal;
    tally.askedTotal = tally.attemptedTotal + tally.unstarted;
    tally.sentTotal = made.sent;
    return tally;
  });

describe('findDiscrepancies()', () => {
  it('finds none in processes that died, and in sums of them', () => {
    fc.assert(
      fc.property(fc.array(soundTally), (tallies) => {
        const sum = sumTallies(tallies.map(tallyAfterDeath));
        assert.deepEqual(findDiscrepancies(sum, true), []);
      }),
    );
  });

  it('finds every single miscount', () => {
    const fields = [
      'askedTotal',
      'attemptedTotal',
      'openedTotal',
      'failedTotal',
      'closedTotal',
    ] as const;
    for (const field of [
      ...fields,
      'lostTotal',
      'greetedTotal',
      'sentTotal',
      'pending',
      'open',
    ] as const) {
      const tally = emptyTally();
      tally[field]++;
      assert.notDeepEqual(findDiscrepancies(tally, true), [], field);
    }
  });

  it('says which messages had no answer', () => {
    const tally = { ...emptyTally(), sentTotal: 9, echoedTotal: 7 };
    assert.deepEqual(findDiscrepancies(tally, false), [
      'messages sent (9) is not echoes + wrong echoes + messages on lost connections (7)',
    ]);
  });
});

describe('tallyAfterDeath()', () => {
  it('counts what was open as lost and closed, and what was pending as failed', () => {
    const last = {
      ...emptyTally(),
      askedTotal: 9,
      attemptedTotal: 9,
      pending: 2,
      openedTotal: 7,
      open: 7,
    };
    const counts = countsOf(tallyAfterDeath(last));
    assert.equal(counts.connections_failed_total, 2);
    assert.equal(counts.connections_closed_total, 7);
    assert.equal(counts.connections_lost_total, 7);
    assert.deepEqual(counts.errors, { lost: 7, other: 2 });
    assert.equal(counts.errors_total, 9);
  });
});

describe('listErrors()', () => {
  it('keeps the order of the codes', () => {
    const tally = emptyTally();
    tally.errors.lost = 1;
    tally.errors.refused = 12;
    assert.equal(listErrors(tally), '12 × refused, 1 × lost');
  });
});
