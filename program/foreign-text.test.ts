import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foreignText, parseForeignJson } from './foreign-text.js';

describe('foreignText()', () => {
  it('is one line, without terminal codes, and does not change the direction of text', () => {
    assert.equal(
      foreignText('\u001b[31mred\u001b[0m\nnext\u202eleft', 100),
      'red\ufffdnext\ufffdleft',
    );
    assert.equal(foreignText('\u001b]0;title\u0007 a', 100).includes('\u001b'), false);
    assert.equal(foreignText('abcdef', 3), 'abc…');
  });
});

describe('parseForeignJson()', () => {
  it('cleans all texts and names, and nothing else', () => {
    const text = JSON.stringify({
      'a\u001b[2J': ['\u001b[31mred', { b: 'x\u202ey', n: 1.5, no: null, yes: true }],
    });
    assert.deepEqual(parseForeignJson(text), {
      a: ['red', { b: 'x\ufffdy', n: 1.5, no: null, yes: true }],
    });
    assert.throws(() => parseForeignJson('{'), SyntaxError);
  });
});
