import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cellText } from './cell-text.js';

describe('cellText()', () => {
  it('takes out what XML forbids, and leaves all else', () => {
    assert.equal(cellText('a\u0000b\u0008c\u001bd\u007fe\ufffef\ud800g'), 'abcdefg');
    assert.equal(cellText('tab\there\nnext <&> “ü” 😀 =1+1'), 'tab\there\nnext <&> “ü” 😀 =1+1');
  });

  it('escapes what a reader would take for an escape', () => {
    assert.equal(cellText('_x0041_ _x41_ _X00ff_'), '_x005F_x0041_ _x41_ _x005F_X00ff_');
  });

  it('cuts what no cell can hold', () => {
    const cut = cellText('x'.repeat(40_000));
    assert.equal(cut.length, 32_767);
    assert.ok(cut.endsWith('x…'));
  });
});
