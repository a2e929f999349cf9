import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { floorFormula, lettersOf } from './spreadsheet-charts.js';

describe('lettersOf()', () => {
  it('counts on after Z with two letters', () => {
    // sample-columns.test.ts keeps the order.
    assert.equal(lettersOf('timestamp'), 'A');
    assert.equal(lettersOf('native_bytes'), 'Z');
    assert.equal(lettersOf('lazy_free_bytes'), 'AA');
    assert.equal(lettersOf('js_external_bytes'), 'AD');
  });
});

describe('floorFormula()', () => {
  it('looks for the lowest RSS in the rest of a wave', () => {
    assert.equal(floorFormula(3), '=MINIFS(Q:Q,C:C,3,D:D,"rest")');
  });
});
