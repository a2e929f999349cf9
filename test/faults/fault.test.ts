import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { benchFaults } from './bench-faults.js';
import { type Fault, formatOutcomes } from './fault.js';
import { generatorFaults } from './generator-faults.js';
import { serverFaults } from './server-faults.js';

const all = [...serverFaults, ...generatorFaults, ...benchFaults];

const fault: Fault = {
  name: 'it rains',
  expected: 'wet feet',
  happen: () => Promise.reject(new Error('not here')),
};

describe('formatOutcomes()', () => {
  it('writes a table of what is right, and a list of what was seen', () => {
    const right = {
      outcome: 'a | puddle',
      mistakes: [],
      childrenLeft: 0,
      rowsLost: 0,
      exitStatus: 1,
    };
    const wrong = { outcome: '', mistakes: ['dry'], childrenLeft: 2 };
    assert.deepEqual(
      formatOutcomes([
        [fault, right],
        [fault, wrong],
      ]).split('\n'),
      [
        '| fault | expected | rows lost | left | exit | right |',
        '| --- | --- | --- | --- | --- | --- |',
        '| it rains | wet feet | 0 | 0 | 1 | yes |',
        '| it rains | wet feet | – | 2 | – | **no** |',
        '',
        '- it rains: `a | puddle`',
      ],
    );
  });

  it('has room for all faults in a table of the docs, each with a name of its own', () => {
    assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
    for (const { name, expected } of all) {
      assert.ok(
        name.length <= 52 && expected.length <= 58,
        `${name.length} ${name}, ${expected.length} ${expected}`,
      );
    }
  });
});
