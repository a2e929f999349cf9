import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addServerCounts, closeCounts, noCounts } from './counts.js';

const some = {
  connections: 3,
  connections_opened_total: 10,
  connections_closed_total: 7,
  connections_refused_total: 1,
  address_refused_total: 6,
  greetings_sent_total: 9,
  messages_received_total: 50,
  messages_echoed_total: 48,
  backpressure_closed_total: 2,
};

describe('addServerCounts()', () => {
  it('gives zeros for nothing', () => {
    assert.deepEqual(addServerCounts([]), noCounts);
    assert.ok(Object.values(noCounts).every((count) => count === 0));
  });

  it('adds each field on its own', () => {
    assert.deepEqual(addServerCounts([some, noCounts, some]), {
      connections: 6,
      connections_opened_total: 20,
      connections_closed_total: 14,
      connections_refused_total: 2,
      address_refused_total: 12,
      greetings_sent_total: 18,
      messages_received_total: 100,
      messages_echoed_total: 96,
      backpressure_closed_total: 4,
    });
  });

  it('takes the counts alone from what has more fields', () => {
    assert.deepEqual(addServerCounts([{ ...some, pid: 5 } as typeof some]), some);
  });
});

describe('closeCounts()', () => {
  it('counts what was open as closed, and keeps the rest', () => {
    assert.deepEqual(closeCounts(some), { ...some, connections: 0, connections_closed_total: 10 });
  });
});
