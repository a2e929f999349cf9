import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { negotiateDeflate } from './message-deflate.js';

describe('negotiateDeflate()', () => {
  const wrong = [
    'x-webkit-deflate-frame',
    'permessage-deflate, other',
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate; server_max_window_bits=16',
    'permessage-deflate; colour=blue',
    'permessage-deflate;;',
    '',
  ];
  for (const header of wrong) {
    it(`throws at "${header}"`, () => {
      assert.throws(() => negotiateDeflate(header, 1000, () => undefined));
    });
  }

  for (const header of [
    'permessage-deflate',
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    'permessage-deflate; client_max_window_bits=9; server_max_window_bits=10',
  ]) {
    it(`takes "${header}"`, () => {
      negotiateDeflate(header, 1000, () => undefined).cleanup();
    });
  }
});
