import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleRun } from '../example-run.fixture.js';
import { findFacts } from '../facts/run-facts.js';
import { writeEvidence } from './evidence.js';

describe('writeEvidence()', () => {
  it('tells floors, noise, slope, chance and garbage', () => {
    assert.deepEqual(writeEvidence(exampleRun, findFacts(exampleRun)), [
      'Private memory at the floors, from the baseline on: 40.0 MiB → 43.0 MiB → 43.0 MiB.',
      'Differences up to 256 KiB are taken for noise.',
      'From floor to floor the memory changes by 0 B per connection opened (95 % interval -2 B to 3 B).',
      'Of floors in random order, 50 % would rise as consistently (Mann–Kendall test; up to 5 % counts as a rise).',
      'Garbage was collected before each floor was read.',
    ]);
  });

  it('tells a run of many waves by its first and last floors', () => {
    const facts = findFacts(exampleRun);
    const waves = Array.from({ length: 20 }, (_, index) => ({
      wave: index + 1,
      memory: undefined,
      floor: { private_bytes: (index + 1) * 1024 },
    }));
    const [floors] = writeEvidence(exampleRun, { ...facts, waves });
    assert.equal(
      floors,
      'Private memory at the floors, from the baseline on: 40.0 MiB → 1.00 KiB → 2.00 KiB → 3.00 KiB → 4.00 KiB → 5.00 KiB → … → 16.0 KiB → 17.0 KiB → 18.0 KiB → 19.0 KiB → 20.0 KiB.',
    );
  });
});
