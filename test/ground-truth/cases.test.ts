import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseCases, knownCases, nothingKept } from './cases.js';

const namesOf = (wanted: string): readonly string[] => chooseCases(wanted).map(({ name }) => name);

describe('chooseCases()', () => {
  it('returns all for no name', () => {
    assert.deepEqual(chooseCases(''), knownCases);
  });

  it('adds the case to compare with only where something is compared with it', () => {
    assert.deepEqual(namesOf('keeps'), [nothingKept, 'keeps 10 KiB per open connection']);
    assert.deepEqual(namesOf('per message'), ['leaks 100 B of native memory per message']);
  });

  it('returns none for a name that there is not', () => {
    assert.deepEqual(namesOf('unheard of'), []);
  });
});
