import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatValue, type Unit } from './format-value.js';

describe('formatValue()', () => {
  const cases: readonly (readonly [number | null | undefined, Unit, string])[] = [
    [undefined, 'bytes', '–'],
    [null, 'count', '–'],
    [1_496, 'bytes', '1.46 KiB'],
    [10_000, 'count', '10,000'],
    [1_999.4, 'per_second', '1,999 /s'],
    [0.25, 'per_second', '0.3 /s'],
    [101.2, 'percent', '101 %'],
    [3.21, 'percent', '3.2 %'],
    [5.44, 'milliseconds', '5.4 ms'],
    [1_234.5, 'milliseconds', '1,235 ms'],
    [21_037, 'milliseconds', '21 s'],
    [0, 'seconds', '0 s'],
    [12.54, 'seconds', '12.5 s'],
    [59.99, 'seconds', '60 s'],
    [200, 'seconds', '3 min 20 s'],
    [3_600, 'seconds', '1 h'],
    [7_505, 'seconds', '2 h 5 min'],
  ];
  for (const [value, unit, text] of cases) {
    it(`writes ${String(value)} ${unit} as ${text}`, () => {
      assert.equal(formatValue(value, unit), text);
    });
  }
});
