import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AddressLedger } from './address-ledger.js';

describe('AddressLedger', () => {
  it('admits as many connections of one address as it may have, over all workers', () => {
    const ledger = new AddressLedger<number>(3);
    const workers = [1, 1, 2, 2, 1];
    assert.deepEqual(
      workers.map((worker) => ledger.admit(worker, 'a')),
      [true, true, true, false, false],
    );
    assert.equal(ledger.admit(2, 'b'), true);
  });

  it('admits another when one has left, and only then', () => {
    const ledger = new AddressLedger<number>(1);
    ledger.admit(1, 'a');
    // The worker has none of that address: it is another one's.
    ledger.leave(2, 'a');
    assert.equal(ledger.admit(2, 'a'), false);
    ledger.leave(1, 'a');
    assert.equal(ledger.admit(2, 'a'), true);
  });

  it('forgets the connections of a worker that is gone, and no others', () => {
    const ledger = new AddressLedger<number>(3);
    for (const worker of [1, 1, 2]) ledger.admit(worker, 'a');
    ledger.forget(1);
    // What a dead worker still says arrives too late.
    ledger.leave(1, 'a');
    assert.deepEqual(
      [2, 2, 2].map((worker) => ledger.admit(worker, 'a')),
      [true, true, false],
    );
  });
});
