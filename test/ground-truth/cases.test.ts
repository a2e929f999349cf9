import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseCases, knownCases } from './cases.js';
import { nothingKept } from './known-case.js';

const namesOf = (wanted: string): readonly string[] => chooseCases(wanted).map(({ name }) => name);

describe('chooseCases()', () => {
  it('returns all for no name', () => {
    assert.deepEqual(chooseCases(''), knownCases);
  });

  it('adds the case to compare with only where something is compared with it', () => {
    assert.deepEqual(namesOf('open connection'), [nothingKept, 'uWS: 10 KiB per open connection']);
    assert.deepEqual(namesOf('uWS: 100 B leak'), ['uWS: 100 B leak per message']);
  });

  it('divides all into shards, each with leaks and without', () => {
    const shards = [1, 2, 3].map((index) => chooseCases('', { index, of: 3 }));
    const names = new Set(shards.flat().map(({ name }) => name));
    assert.equal(names.size, knownCases.length);
    for (const cases of shards) {
      const leaks = cases.filter(({ verdicts }) => verdicts.includes('growing')).length;
      assert.ok(leaks >= cases.length / 3 && leaks <= (2 * cases.length) / 3, `${leaks} leaks`);
    }
  });

  it('has at least forty, about half of them leak-free, in all languages', () => {
    assert.ok(knownCases.length >= 40);
    const leaks = knownCases.filter(({ verdicts }) => verdicts.includes('growing')).length;
    assert.ok(Math.abs(leaks / knownCases.length - 0.5) < 0.1, `${leaks} leaks`);
    for (const server of ['uws', 'ws', 'python', 'go', 'java', 'bun'] as const) {
      assert.ok(knownCases.some((known) => known.server === server));
    }
  });

  it('returns none for a name that there is not', () => {
    assert.deepEqual(namesOf('unheard of'), []);
  });
});
