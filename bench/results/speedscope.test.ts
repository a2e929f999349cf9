import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredSite } from './read-sites.js';
import { formatSpeedscope } from './speedscope.js';

interface Written {
  readonly shared: { readonly frames: readonly { readonly name: string }[] };
  readonly profiles: readonly {
    readonly name: string;
    readonly endValue: number;
    readonly samples: readonly (readonly number[])[];
    readonly weights: readonly number[];
  }[];
}

describe('formatSpeedscope()', () => {
  it('writes stacks from the owner to the allocation, with bytes per connection', () => {
    const sites: readonly StoredSite[] = [
      {
        source: 'js_heap',
        by: 'site',
        name: 'Receiver ws/lib/receiver.js:51 < server.js:9',
        state: '',
        heldPerConnection: 700,
        staysPerConnection: 20,
      },
      {
        source: 'malloc',
        by: 'kind',
        name: '65552',
        state: 'zlib deflate state',
        heldPerConnection: 262_208,
        staysPerConnection: undefined,
      },
    ];
    const { shared, profiles } = JSON.parse(formatSpeedscope(sites) ?? '') as Written;
    const stacksOf = (index: number): unknown =>
      profiles[index]?.samples.map((stack) => stack.map((frame) => shared.frames[frame]?.name));
    assert.deepEqual(stacksOf(0), [
      ['JS heap', 'ws/lib/receiver.js', 'server.js:9', 'Receiver ws/lib/receiver.js:51'],
      ['malloc', 'zlib deflate state', 'block of 65,552 B'],
    ]);
    assert.deepEqual(profiles[0]?.weights, [700, 262_208]);
    assert.equal(profiles[0].endValue, 262_908);
    assert.equal(profiles[1]?.name, 'stays of a closed connection');
    assert.deepEqual(profiles[1].weights, [20]);
    assert.equal(formatSpeedscope([]), undefined);
  });
});
