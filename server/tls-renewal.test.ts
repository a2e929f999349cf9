import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SettledChange } from './tls-renewal.js';

describe('SettledChange', () => {
  const cases: [string, string, boolean[]][] = [
    ['nothing, where nothing changes', 'aaaa', [false, false, false, false]],
    ['a change at the second look that shows it', 'abb', [false, false, true]],
    ['a change on and on until it is taken', 'bbb', [false, true, true]],
    ['no state that lasted for one look only', 'abcdd', [false, false, false, false, true]],
    ['nothing, where all is as before again', 'abaa', [false, false, false, false]],
  ];
  for (const [name, states, expected] of cases) {
    it(`notices ${name}`, () => {
      const change = new SettledChange('a');
      assert.deepEqual(
        Array.from(states, (state) => change.see(state)),
        expected,
      );
    });
  }

  it('compares with what was taken last', () => {
    const change = new SettledChange('a');
    change.see('b');
    change.take('b');
    assert.equal(change.see('b'), false);
    change.see('a');
    assert.equal(change.see('a'), true);
  });
});
