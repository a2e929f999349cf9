import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { planSources, type SourceDemand } from './source-addresses.js';

const demand: SourceDemand = {
  targetAddresses: ['127.0.0.1'],
  processes: 3,
  connections: 30_000,
  churnRatePerSecond: 0,
  ephemeralPorts: { first: 32_768, last: 60_999 },
  sourceIps: undefined,
  machineAddresses: ['192.0.2.1', '2001:db8::1'],
  isLoopbackNetLocal: true,
};

function addressesOf(changes: Partial<SourceDemand>, random = 0.5): (readonly string[])[] {
  return planSources({ ...demand, ...changes }, () => random).map((plan) =>
    plan.kind === 'pool' ? plan.addresses : [],
  );
}

describe('planSources()', () => {
  it('gives each process its own loopback addresses, 5,000 connections each', () => {
    assert.deepEqual(addressesOf({}, 0), [
      ['127.1.0.1', '127.1.0.2'],
      ['127.1.1.1', '127.1.1.2'],
      ['127.1.2.1', '127.1.2.2'],
    ]);
  });

  it('adds addresses for churn, so that a port comes back after TIME_WAIT only', () => {
    // 2,000 per second and process for 60 s is 120,000 ports, which 5 addresses of 28,232 have.
    const [first] = addressesOf({ connections: 3000, churnRatePerSecond: 6000 });
    assert.equal(first?.length, 5);
  });

  it('never uses 127.0.0.0/16 or the target, and no address twice', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
        (random, processes) => {
          const all = addressesOf({ processes, targetAddresses: ['127.128.128.1'] }, random).flat();
          assert.equal(new Set(all).size, all.length);
          assert.ok(all.length >= processes);
          for (const address of all) {
            assert.match(address, /^127\.(?!0\.)\d{1,3}\.\d{1,3}\.\d{1,3}$/);
            assert.ok(address.split('.').every((part) => Number(part) <= 255));
            assert.notEqual(address, '127.128.128.1');
          }
        },
      ),
    );
  });

  it('leaves the choice to the kernel elsewhere', () => {
    const far = { ...demand, targetAddresses: ['192.0.2.9'], connections: 9 };
    const kernel = { kind: 'kernel' };
    assert.deepEqual(planSources(far, Math.random), [kernel, kernel, kernel]);
    const macos = { ...demand, isLoopbackNetLocal: false, connections: 9 };
    assert.deepEqual(planSources(macos, Math.random), [kernel, kernel, kernel]);
  });

  it('divides the ports of given addresses between the processes', () => {
    const plans = planSources({ ...demand, sourceIps: ['192.0.2.1', '192.0.2.2'] }, Math.random);
    assert.deepEqual(plans[2], {
      kind: 'pool',
      addresses: ['192.0.2.1', '192.0.2.2'],
      firstPort: 32_770,
      lastPort: 60_999,
      portStep: 3,
    });
  });

  it('takes the addresses of the same family for auto', () => {
    const far = { targetAddresses: ['192.0.2.9'], connections: 9, sourceIps: 'auto' } as const;
    assert.deepEqual(addressesOf(far)[0], ['192.0.2.1']);
    assert.deepEqual(addressesOf({ ...far, targetAddresses: ['2001:db8::9'] })[0], ['2001:db8::1']);
  });

  it('refuses more connections than addresses have ports', () => {
    const far = { ...demand, targetAddresses: ['192.0.2.9'] };
    assert.throws(
      () => planSources(far, Math.random),
      /1 source address has ports for 28232 at most/,
    );
  });
});
