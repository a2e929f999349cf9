import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConnectionPart, ConnectionSite } from '../results/summary.js';
import { nameMakeup } from './name-makeup.js';

const part = (
  source: ConnectionPart['source'],
  kind: string,
  count: number,
  bytes: number,
): ConnectionPart => ({ source, kind, per_connection: count, bytes_per_connection: bytes });
const site = (source: ConnectionSite['source'], name: string, bytes: number): ConnectionSite => ({
  source,
  site: name,
  bytes_per_connection: bytes,
});
const nothing = { parts: [], sites: [] };

describe('nameMakeup()', () => {
  it('names what one connection has more of than the other, and where it is allocated', () => {
    const cheap = {
      parts: [part('jvm_heap', '[B', 2, 200), part('jvm_heap', 'app.Session', 1, 64)],
      sites: [site('js_heap', 'a', 100)],
    };
    const dear = {
      parts: [part('jvm_heap', '[B', 3.01, 4300), part('jvm_heap', 'app.Session', 1, 64)],
      sites: [site('js_heap', 'a', 110), site('js_heap', 'b', 4000)],
    };
    assert.equal(
      nameMakeup(dear, cheap, 'managed_heap', 4100),
      '1 × [B per connection',
      'sites of another owner are left out',
    );
    assert.equal(nameMakeup(dear, cheap, 'js_heap', 4100), 'allocated in b');
  });

  it('names nothing that is less than a tenth of the difference, or of another owner', () => {
    const dear = { parts: [part('malloc', '4112', 1, 4112)], sites: [] };
    assert.equal(nameMakeup(dear, nothing, 'malloc', 50_000), undefined);
    assert.equal(nameMakeup(dear, nothing, 'js_heap', 4112), undefined);
    assert.equal(nameMakeup(dear, nothing, undefined, 5000), '1 × block of 4,112 B per connection');
  });

  it('does not call whole what is not', () => {
    const dear = { parts: [part('malloc', '65536', 0.5, 32_768)], sites: [] };
    assert.equal(
      nameMakeup(dear, nothing, 'malloc', 33_000),
      '0.50 × block of 65,536 B per connection',
    );
  });
});
