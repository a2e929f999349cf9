import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prometheusContentType } from './prometheus-text.js';

describe('prometheusContentType', () => {
  it('names the version of the text format', () => {
    assert.equal(prometheusContentType, 'text/plain; version=0.0.4; charset=utf-8');
  });
});
