import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conformanceCases } from './cases.js';
import { deviationsOf, findSurprises, type KnownDeviations } from './known-deviations.js';

const known = deviationsOf('uws', '20.56.0');

/** All cases as they are known, except for those that are planted. */
function resultsWith(planted: Readonly<Record<string, 'pass' | 'cut' | 'fail'>>) {
  const isIn = (patterns: readonly RegExp[], name: string): boolean =>
    patterns.some((pattern) => pattern.test(name));
  return conformanceCases.map(({ name }) => {
    const usual = isIn(known.fail, name) ? 'fail' : isIn(known.cut, name) ? 'cut' : 'pass';
    return { name, kind: planted[name] ?? usual } as const;
  });
}

describe('findSurprises()', () => {
  it('finds none where all is as it is known', () => {
    assert.deepEqual(findSurprises('uws', known, resultsWith({})), []);
  });

  it('finds a deviation that is gone', () => {
    const masking = 'fails a connection whose client does not mask';
    const nothing = 'fails for a continuation of nothing';
    assert.deepEqual(
      findSurprises('uws', known, resultsWith({ [masking]: 'pass', [nothing]: 'pass' })),
      [`uws: ${masking}: pass, known as fail`, `uws: ${nothing}: pass, known as cut`],
    );
  });

  it('finds a case that is cut now and was closed with a code, the right one or another', () => {
    const right = 'answers a close with 1000 by the same, or by 1000';
    const another = 'fails for a close frame of one byte';
    assert.deepEqual(
      findSurprises('uws', known, resultsWith({ [right]: 'cut', [another]: 'cut' })),
      [`uws: ${right}: cut, known as pass`, `uws: ${another}: cut, known as fail`],
    );
  });

  it('finds a deviation that fits no case', () => {
    const stale: KnownDeviations = { ...known, cut: [...known.cut, /^no such case$/] };
    assert.deepEqual(findSurprises('uws', stale, resultsWith({})), [
      'uws: ^no such case$: fits no case any more',
    ]);
  });
});

describe('deviationsOf()', () => {
  it('returns the last entry that is not newer than the version', () => {
    const entryOf = (since: string): KnownDeviations => ({ since, fail: [], cut: [] });
    const all = ['20.9.0', '20.56.0', '20.60.0'].map(entryOf);
    const sinceOf = (version: string): string => deviationsOf('uws', version, all).since;
    assert.equal(sinceOf('20.10.0'), '20.9.0');
    assert.equal(sinceOf('20.56.0'), '20.56.0');
    assert.equal(sinceOf('20.59.1'), '20.56.0');
    assert.equal(sinceOf('21.0.0'), '20.60.0');
    assert.equal(sinceOf('19.0.0'), '20.9.0');
  });
});
