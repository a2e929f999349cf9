/** That the fuzzer finds each fault that is planted in a server, and none in a sound one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzz } from './fuzz.js';
import { withFaultyServer } from './fuzz-target.js';
import { findFaults, fuzzRow, fuzzTableHead, isAsPlanted } from './fuzz-verdict.js';
import { plantedFaultNames, plantedFaults } from './planted-faults.js';

describe('fuzz()', () => {
  for (const name of plantedFaultNames) {
    const { frames, findings, summary } = plantedFaults[name];
    it(`finds ${findings.join(' or ') || 'nothing'} with the planted fault: ${summary}`, async () => {
      const result = await withFaultyServer(name, (target) =>
        fuzz(target, { frames, seed: 6455, deadlineMs: 2000 }),
      );
      const found = findFaults(result);
      const told = JSON.stringify({ ...result, misdeeds: result.misdeeds.slice(0, 5) });
      assert.ok(isAsPlanted(found, findings), told);
      assert.equal(fuzzRow(name, result).length, fuzzTableHead.length);
    });
  }
});
