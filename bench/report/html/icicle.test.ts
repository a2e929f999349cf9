import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConnectionNode } from '../../results/connection-tree.js';
import { writeIcicles } from './icicle.js';

const leaf = (name: string, bytes: number): ConnectionNode => ({
  name,
  owner: 'malloc',
  bytes,
  children: [],
});
const root = (name: string, children: readonly ConnectionNode[]): ConnectionNode => ({
  name,
  owner: undefined,
  bytes: 0,
  children,
});

describe('writeIcicles()', () => {
  it('draws parts as wide as their bytes, to one scale, the largest first, and says what is the most', () => {
    const { text } = writeIcicles([
      { title: 'Held', root: root('open', [leaf('small', 1024), leaf('<b>large</b>', 3072)]) },
      { title: 'Stays', root: root('closed', [leaf('small', 1024)]) },
    ]);
    const drawn = [...text.matchAll(/x="([\d.]+)%"\s+y="(\d+)"\s+width="([\d.]+)%"/g)];
    assert.deepEqual(
      drawn.map(([, x, y, width]) => [Number(x), Number(y), Number(width)]),
      [
        [0, 0, 100],
        [0, 30, 75],
        [75, 30, 25],
        [0, 0, 25],
        [0, 30, 25],
      ],
    );
    assert.match(text, /Held: 4\.00 KiB, most of it &lt;b&gt;large&lt;\/b&gt; with 3\.00 KiB/);
    assert.doesNotMatch(text, /<b>/);
  });

  it('says so where something is too little to be drawn, and leaves out parts that are', () => {
    const { text } = writeIcicles([
      { title: 'Held', root: root('open', [leaf('large', 1_000_000), leaf('tiny', 10)]) },
      { title: 'Stays', root: root('closed', [leaf('tiny', 10)]) },
    ]);
    assert.doesNotMatch(text, /tiny/);
    assert.match(text, /10 B: too little to draw/);
    assert.equal(writeIcicles([]).text, '');
  });
});
