import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endpointOf, originOf } from './endpoint.js';

describe('endpointOf()', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['ws://example.org/x', 'example.org', 80],
    ['wss://example.org', 'example.org', 443],
    ['wss://[2001:db8::1]:8443/?a', '2001:db8::1', 8443],
    ['http://127.0.0.1:9090', '127.0.0.1', 9090],
  ];
  for (const [address, host, port] of cases) {
    it(`finds ${host} and ${port} in ${address}`, () => {
      assert.deepEqual(endpointOf(address), { host, port });
    });
  }
});

describe('originOf()', () => {
  it('puts an IPv6 address into brackets', () => {
    assert.equal(originOf('ws', { host: '::1', port: 80 }), 'ws://[::1]:80');
    assert.equal(originOf('http', { host: 'a.b', port: 9 }), 'http://a.b:9');
  });
});
