import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countLostAge, describeLostAges } from './lost-ages.js';

function agesOf(...ms: readonly number[]): Record<string, number> {
  const ages: Record<string, number> = {};
  for (const each of ms) countLostAge(ages, each);
  return ages;
}

describe('countLostAge()', () => {
  it('keeps two digits', () => {
    assert.deepEqual(agesOf(3, 2960, 3040, 60_400, 61_000, 754_000), {
      '0.1': 1,
      '3.0': 2,
      '60': 1,
      '61': 1,
      '750': 1,
    });
  });
});

describe('describeLostAges()', () => {
  it('finds a time limit', () => {
    const text = describeLostAges(agesOf(2950, 3000, 3010, 3060, 3100, 3200), 6) ?? '';
    assert.match(text, /^all about 3 s after opening: a time limit/);
    assert.match(text, /--ping 1500ms/);
    const few = agesOf(...Array.from({ length: 95 }, () => 60_000), 5, 800, 12_000);
    assert.match(describeLostAges(few, 98) ?? '', /^95 of 98 about 60 s after opening/);
  });

  it('knows where none was kept', () => {
    const ages = agesOf(...Array.from({ length: 10 }, () => 20));
    assert.match(describeLostAges(ages, 10) ?? '', /none was open for long/);
  });

  it('finds none in ages of all kinds, or in few connections', () => {
    assert.equal(describeLostAges({}, 0), undefined);
    assert.equal(describeLostAges(agesOf(3000, 3000), 2), undefined);
    assert.equal(
      describeLostAges(agesOf(...[1, 2, 3, 4, 5, 6, 7, 8].map((s) => s * 1000)), 8),
      undefined,
    );
    assert.equal(
      describeLostAges(agesOf(...Array.from({ length: 10 }, () => 3000)), 100),
      undefined,
    );
  });
});
