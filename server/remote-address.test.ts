import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownerOfAddress } from './remote-address.js';

function bytes(hex: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(hex.replaceAll(':', ''), 'hex')).buffer;
}

describe('ownerOfAddress()', () => {
  const cases: [string, string, string][] = [
    ['IPv4 192.0.2.1 by itself', 'c0000201', 'c0000201'],
    ['::ffff:192.0.2.1 as IPv4', '0000:0000:0000:0000:0000:ffff:c000:0201', 'c0000201'],
    ['2001:db8:1:2::1 by its /64', '2001:0db8:0001:0002:0000:0000:0000:0001', '20010db800010002'],
    [
      '2001:db8:1:2:a:b:c:d the same',
      '2001:0db8:0001:0002:000a:000b:000c:000d',
      '20010db800010002',
    ],
    ['2001:db8:1:3::1 as another', '2001:0db8:0001:0003:0000:0000:0000:0001', '20010db800010003'],
    ['::1, which is not mapped', '0000:0000:0000:0000:0000:0000:0000:0001', '0000000000000000'],
  ];
  for (const [name, address, owner] of cases) {
    it(`names ${name}`, () => {
      assert.equal(ownerOfAddress(bytes(address)), owner);
    });
  }
});
