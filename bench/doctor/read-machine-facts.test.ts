import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  findMemoryReading,
  parseProcessLimit,
  parseTcpMemory,
  parseThreadCount,
} from './read-machine-facts.js';

describe('parseProcessLimit()', () => {
  it('takes the soft limit', () => {
    const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             4096                 96365                processes
Max open files            20000                20000                files
`;
    assert.equal(parseProcessLimit(limits), 4096);
    assert.equal(
      parseProcessLimit('Max processes             unlimited            unlimited\n'),
      undefined,
    );
    assert.equal(parseProcessLimit(''), undefined);
  });
});

describe('parseThreadCount()', () => {
  it('takes the second number of the fourth field', () => {
    assert.equal(parseThreadCount('0.10 0.20 0.30 2/345 6789'), 345);
    assert.equal(parseThreadCount(''), undefined);
  });
});

describe('parseTcpMemory()', () => {
  it('takes the highest of the three, in pages', () => {
    assert.equal(parseTcpMemory('287901\t383869\t575802'), 575_802 * 4096);
    assert.equal(parseTcpMemory(undefined), undefined);
  });
});

describe('findMemoryReading()', () => {
  const nobody = 'CapEff:\t0000000000000000\n';
  const root = 'CapEff:\t000001ffffffffff\n';
  it('follows Yama and CAP_SYS_PTRACE', () => {
    const found = [undefined, 0, 1, 2, 3].map((scope) => [
      findMemoryReading(scope, nobody),
      findMemoryReading(scope, root),
    ]);
    assert.deepEqual(found, [
      ['own', 'all'],
      ['own', 'all'],
      ['started', 'all'],
      ['none', 'all'],
      ['none', 'none'],
    ]);
  });
});
