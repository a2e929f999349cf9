import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatBytes,
  formatDuration,
  parseDurationMs,
  parsePositiveNumber,
  parseSizeBytes,
  parseWholeNumber,
} from './quantities.js';

function table<Value>(
  name: string,
  parse: (text: string) => Value,
  accepted: readonly (readonly [string, Value])[],
  refused: readonly string[],
): void {
  describe(name, () => {
    for (const [text, expected] of accepted) {
      it(`reads ${text} as ${String(expected)}`, () => {
        assert.equal(parse(text), expected);
      });
    }
    for (const text of refused) {
      it(`refuses ${JSON.stringify(text)}`, () => {
        assert.throws(() => parse(text), RangeError);
      });
    }
  });
}

table(
  'parseDurationMs()',
  parseDurationMs,
  [
    ['500ms', 500],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['0', 0],
    ['0s', 0],
  ],
  ['5', '-1s', '5 s', 's', '', '1e3s', '5d', '5constructor'],
);

table(
  'parseSizeBytes()',
  parseSizeBytes,
  [
    ['100', 100],
    ['100B', 100],
    ['64KiB', 65_536],
    ['1.5KiB', 1536],
    ['2GiB', 2_147_483_648],
    ['2GB', 2_000_000_000],
  ],
  ['-1', '1kib', '1 KiB', 'KiB', '', '1e3'],
);

table(
  'parseWholeNumber()',
  (text) => parseWholeNumber(text, 1, 65_535),
  [
    ['1', 1],
    ['65535', 65_535],
  ],
  ['0', '65536', '-1', '1.5', '1e3', '', 'ten', ' 1'],
);

table(
  'parsePositiveNumber()',
  parsePositiveNumber,
  [
    ['0.5', 0.5],
    ['2000', 2000],
  ],
  ['0', '0.0', '-1', '', 'max', '1e3', 'Infinity', '.5'],
);

describe('formatDuration()', () => {
  it('writes what parseDurationMs() reads, in the largest whole unit', () => {
    for (const [milliseconds, text] of [
      [1500, '1500ms'],
      [30_000, '30s'],
      [300_000, '5m'],
      [7_200_000, '2h'],
    ] as const) {
      assert.equal(formatDuration(milliseconds), text);
      assert.equal(parseDurationMs(text), milliseconds);
    }
  });
});

describe('formatBytes()', () => {
  for (const [bytes, text] of [
    [0, '0 B'],
    [1023, '1023 B'],
    [1496, '1.46 KiB'],
    [75_980, '74.2 KiB'],
    [226 * 1024, '226 KiB'],
    [-1536, '-1.50 KiB'],
    [3 * 1024 ** 3, '3.00 GiB'],
  ] as const) {
    it(`writes ${bytes} as ${text}`, () => {
      assert.equal(formatBytes(bytes), text);
    });
  }
});
