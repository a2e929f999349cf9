import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { colours, noPaint, paintFor } from './paint.js';

const colourful = { hasColors: () => true };

describe('paintFor()', () => {
  it('has colours where the terminal has', () => {
    assert.equal(paintFor(colourful, {}), colours);
    assert.equal(paintFor({ hasColors: () => false }, {}), noPaint);
  });

  it('has none with NO_COLOR, unless that is empty (no-color.org)', () => {
    assert.equal(paintFor(colourful, { NO_COLOR: '1' }), noPaint);
    assert.equal(paintFor(colourful, { NO_COLOR: '0', FORCE_COLOR: '1' }), noPaint);
    assert.equal(paintFor(colourful, { NO_COLOR: '' }), colours);
  });
});
