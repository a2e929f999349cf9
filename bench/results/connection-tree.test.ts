import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredSite } from './read-sites.js';
import { type ConnectionNode, growConnectionTree } from './connection-tree.js';

const site = (
  source: string,
  by: 'kind' | 'site',
  name: string,
  held: number | undefined,
  state = '',
): StoredSite => ({
  source,
  by,
  name,
  state,
  heldPerConnection: held,
  staysPerConnection: undefined,
});

/** Each node as its name, with bytes of leaves and with its children. */
function outline({ name, bytes, children }: ConnectionNode): unknown {
  return children.length === 0 ? [name, bytes] : [name, ...children.map(outline)];
}

describe('growConnectionTree()', () => {
  it('divides by owner, then by file, package or state', () => {
    const state = 'zlib deflate state, window 15, memory level 8';
    const tree = growConnectionTree(
      'open connection',
      [
        site('js_heap', 'site', 'Receiver ws/lib/receiver.js:51 < server.js:9', 700),
        site('js_heap', 'site', 'parse ws/lib/receiver.js:90', 300),
        site('malloc', 'kind', '65552', 262_208, state),
        site('malloc', 'kind', '5968', 5968, state),
        site('malloc', 'kind', '48', 96),
        site('jvm_heap', 'kind', 'io.netty.channel.Pipeline', 64),
        site('jvm_heap', 'kind', '[B', 0),
      ],
      'heldPerConnection',
    );
    assert.ok(tree);
    assert.deepEqual(outline(tree), [
      'open connection',
      [
        'JS heap',
        [
          'ws/lib/receiver.js',
          ['Receiver ws/lib/receiver.js:51 < server.js:9', 700],
          ['parse ws/lib/receiver.js:90', 300],
        ],
      ],
      ['runtime heap', ['io.netty.channel', ['io.netty.channel.Pipeline', 64]]],
      [
        'malloc',
        [state, ['block of 65,552 B', 262_208], ['block of 5,968 B', 5968]],
        ['block of 48 B', 96],
      ],
    ]);
  });

  it('takes the places in the code where both are known, and tells nothing of nothing', () => {
    const both = [
      site('malloc', 'kind', '65552', 65_552),
      site('malloc', 'site', 'deflateInit2_ libz.so.1 < main server', 65_552),
    ];
    const tree = growConnectionTree('open', both, 'heldPerConnection');
    assert.ok(tree);
    assert.deepEqual(outline(tree), [
      'open',
      ['malloc', ['libz.so.1', ['deflateInit2_ libz.so.1 < main server', 65_552]]],
    ]);
    assert.equal(growConnectionTree('closed', both, 'staysPerConnection'), undefined);
  });
});
