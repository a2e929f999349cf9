import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSocketSlabBytes, parseTcpBuffersBytes } from './kernel-memory.js';

describe('parseTcpBuffersBytes()', () => {
  it('turns pages of the TCP line into bytes', () => {
    const sockstat =
      'sockets: used 11\nTCP: inuse 1 orphan 0 tw 0 alloc 1 mem 371\nUDP: inuse 0 mem 5\n';
    assert.equal(parseTcpBuffersBytes(sockstat, 4096), 1_519_616);
  });

  it('knows nothing from an empty text', () => {
    assert.equal(parseTcpBuffersBytes('', 4096), undefined);
  });
});

describe('parseSocketSlabBytes()', () => {
  const header =
    'slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab>\n';

  it('adds allocated objects of the socket caches only', () => {
    const slabinfo = `${header}TCP    39     40   2368   13    8 : tunables\nkmalloc-64  10 10 64 64 1\nfilp   419    504    192   21\n`;
    assert.equal(parseSocketSlabBytes(slabinfo), 40 * 2368 + 504 * 192);
  });

  it('knows nothing where no socket cache is listed', () => {
    assert.equal(parseSocketSlabBytes(header), undefined);
  });
});
