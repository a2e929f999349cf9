import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SampleRow, sampleColumns } from '../results/sample-columns.js';
import { isFalling } from './floor.js';

const mebibyte = 1024 * 1024;

/** Rows of a rest with so many MiB of private memory. */
function rest(...mebibytes: readonly number[]): SampleRow[] {
  const empty = Object.fromEntries(
    Object.keys(sampleColumns).map((name) => [name, undefined]),
  ) as unknown as SampleRow;
  return mebibytes.map((mib) => ({
    ...empty,
    phase: 'rest',
    rss_bytes: mib * mebibyte,
    native_file_bytes: 0,
    lazy_free_bytes: 0,
  }));
}

describe('isFalling()', () => {
  it('tells a fall that goes on from one that has ended', () => {
    assert.equal(isFalling(rest(100, 90, 80, 70)), true);
    assert.equal(isFalling(rest(100, 50, 50, 50)), false);
    assert.equal(isFalling(rest(100, 100, 99.5)), false);
    assert.equal(isFalling(rest(10, 9.8, 9.6)), false);
    assert.equal(isFalling(rest(50, 60, 70)), false);
  });

  it('knows nothing of other phases and of memory that was not read', () => {
    assert.equal(isFalling([]), false);
    const [first, ...others] = rest(100, 90, 80);
    assert.ok(first !== undefined);
    assert.equal(isFalling([{ ...first, phase: 'drain' }, ...others]), false);
    assert.equal(isFalling([{ ...first, rss_bytes: undefined }, ...others]), false);
  });
});
