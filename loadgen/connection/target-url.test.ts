import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requestTargetOf } from './target-url.js';

describe('requestTargetOf()', () => {
  it('encodes what is no placeholder', () => {
    assert.equal(
      requestTargetOf('ws://h/a{b}/{uuid}?c={line:a b.txt}'),
      '/a%7Bb%7D/{uuid}?c={line:a b.txt}',
    );
  });
});
