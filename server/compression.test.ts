import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CompressionMode,
  compressionModes,
  compressionSetting,
  noteOnCompression,
} from './compression.js';
import { findNativeBinding, loadNativeBinding } from './native-binding.js';

const constants = {
  DISABLED: 0,
  SHARED_COMPRESSOR: 1,
  SHARED_DECOMPRESSOR: 2,
  DEDICATED_COMPRESSOR_3KB: 4,
  DEDICATED_COMPRESSOR_4KB: 8,
  DEDICATED_COMPRESSOR_8KB: 16,
  DEDICATED_COMPRESSOR_16KB: 32,
  DEDICATED_COMPRESSOR_32KB: 64,
  DEDICATED_COMPRESSOR_64KB: 128,
  DEDICATED_COMPRESSOR_128KB: 256,
  DEDICATED_COMPRESSOR_256KB: 512,
};

describe('compressionSetting()', () => {
  const cases: Record<CompressionMode, number> = {
    off: 0,
    shared: 3,
    'dedicated-3kb': 6,
    'dedicated-4kb': 10,
    'dedicated-8kb': 18,
    'dedicated-16kb': 34,
    'dedicated-32kb': 66,
    'dedicated-64kb': 130,
    'dedicated-128kb': 258,
    'dedicated-256kb': 514,
  };
  for (const mode of compressionModes) {
    it(`takes the compressor of ${mode}`, () => {
      assert.equal(compressionSetting(mode, constants), cases[mode]);
    });
  }

  it('tells all modes apart with the build that loads here', () => {
    const uws = loadNativeBinding(findNativeBinding(undefined));
    const settings = compressionModes.map((mode) => compressionSetting(mode, uws));
    assert.ok(settings.every(Number.isInteger));
    assert.equal(new Set(settings).size, compressionModes.length);
  });
});

describe('noteOnCompression()', () => {
  it('warns of every dedicated size, and of nothing else', () => {
    for (const mode of compressionModes) {
      const note = noteOnCompression(mode);
      assert.equal(note !== undefined, mode.startsWith('dedicated-'), mode);
      if (note !== undefined) assert.match(note, new RegExp(`^Note: ${mode} takes about 74 KiB`));
    }
  });
});
