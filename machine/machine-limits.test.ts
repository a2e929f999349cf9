import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOpenFileLimit, parsePortRange, readMachineLimits } from './machine-limits.js';

describe('parseOpenFileLimit()', () => {
  const header = 'Limit                     Soft Limit           Hard Limit           Units\n';
  const cases = [
    [`${header}Max open files            1024                 20000                files\n`, 1024],
    [
      `${header}Max open files            unlimited            unlimited            files\n`,
      Infinity,
    ],
    [header, undefined],
  ] as const;
  for (const [text, expected] of cases) {
    it(`finds ${String(expected)}`, () => {
      assert.equal(parseOpenFileLimit(text), expected);
    });
  }
});

describe('parsePortRange()', () => {
  it('reads the two numbers of the kernel', () => {
    assert.deepEqual(parsePortRange('32768\t60999\n'), { first: 32_768, last: 60_999 });
  });

  it('refuses what is no range', () => {
    for (const text of ['', '5', '10 5', 'a b']) assert.equal(parsePortRange(text), undefined);
  });
});

describe('readMachineLimits()', () => {
  it('reads this machine', () => {
    const limits = readMachineLimits();
    assert.ok(limits.openFiles >= 20);
    assert.ok(limits.cores >= 1);
    assert.ok(limits.availableMemoryBytes > 1024 ** 2);
    assert.ok(limits.ephemeralPorts.first < limits.ephemeralPorts.last);
  });
});
