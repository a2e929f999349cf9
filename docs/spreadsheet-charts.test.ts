import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { floorFormula, lettersOf } from './spreadsheet-charts.js';

describe('lettersOf()', () => {
  it('counts on after Z with two letters', () => {
    // The design fixes the order of the first 30 columns: kernel_sockets_bytes is the 26th.
    assert.equal(lettersOf('timestamp'), 'A');
    assert.equal(lettersOf('kernel_sockets_bytes'), 'Z');
    assert.equal(lettersOf('loadgen_cpu_percent'), 'AA');
    assert.equal(lettersOf('sampler_cpu_percent'), 'AD');
  });
});

describe('floorFormula()', () => {
  it('looks for the lowest RSS in the rest of a wave', () => {
    assert.equal(floorFormula(3), '=MINIFS(M:M,C:C,3,D:D,"rest")');
  });
});
