import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Behaviour,
  type EndMode,
  endOf,
  formatEnds,
  formatPace,
  isSlow,
  parseEnds,
  parsePace,
  parseShare,
  sampleReturnMs,
} from './behaviour.js';

function count(ends: ReturnType<typeof parseEnds>, from: number, to: number) {
  const counts: Record<EndMode, number> = { close: 0, reset: 0, silent: 0 };
  for (let index = from; index < to; index++) counts[endOf(ends, index)]++;
  return counts;
}

describe('parseEnds', () => {
  it('reads one way, or several with their weights, and writes them back', () => {
    assert.deepEqual(parseEnds('reset'), [{ mode: 'reset', share: 1 }]);
    const ends = parseEnds('close:80,reset:15,silent:5');
    assert.deepEqual(
      ends.map(({ share }) => share),
      [0.8, 0.15, 0.05],
    );
    assert.equal(formatEnds(ends), 'close:80,reset:15,silent:5');
    assert.equal(formatEnds(parseEnds('silent')), 'silent');
    assert.deepEqual(parseEnds(formatEnds(parseEnds('close:2,reset:1'))).length, 2);
  });

  it('refuses what it does not know, twice the same, and weights of nothing', () => {
    for (const text of [
      '',
      'fin',
      'close:80,reset',
      'close:0,reset:1',
      'close:1,close:2',
      'close:1:2',
    ]) {
      assert.throws(() => parseEnds(text), RangeError, text);
    }
  });
});

describe('endOf', () => {
  it('gives any stretch of connections its shares', () => {
    const ends = parseEnds('close:80,reset:15,silent:5');
    for (const [from, to] of [
      [0, 1000],
      [417, 1417],
      [50_000, 51_000],
    ] as const) {
      const { close, reset, silent } = count(ends, from, to);
      assert.ok(Math.abs(close - 800) <= 3, `${close} of 800`);
      assert.ok(Math.abs(reset - 150) <= 3, `${reset} of 150`);
      assert.ok(Math.abs(silent - 50) <= 3, `${silent} of 50`);
    }
  });

  it('gives all of them one way', () => {
    assert.deepEqual(count(parseEnds('silent'), 0, 10), { close: 0, reset: 0, silent: 10 });
  });
});

describe('isSlow', () => {
  it('makes so many slow, whatever way they end', () => {
    const behaviour = { pace: { kind: 'paused' }, slowShare: 0.1 } as Behaviour;
    const ends = parseEnds('close:50,reset:50');
    const slow = Array.from({ length: 10_000 }, (_, index) => index).filter((index) =>
      isSlow(behaviour, index),
    );
    assert.ok(Math.abs(slow.length - 1000) <= 5, String(slow.length));
    const resets = slow.filter((index) => endOf(ends, index) === 'reset').length;
    assert.ok(Math.abs(resets - 500) <= 25, String(resets));
  });
});

describe('parsePace and parseShare', () => {
  it('read what they write', () => {
    assert.deepEqual(parsePace('slow:4KiB/s'), { kind: 'slow', bytesPerSecond: 4096 });
    assert.equal(formatPace(parsePace('slow:4KiB/s')), 'slow:4096B/s');
    assert.equal(formatPace(parsePace('paused')), 'paused');
    assert.equal(parseShare('10%'), 0.1);
    assert.equal(parseShare('0.5%'), 0.005);
  });

  it('refuse all else', () => {
    for (const text of ['slow', 'slow:4KiB', 'slow:0/s', 'fast']) {
      assert.throws(() => parsePace(text), RangeError, text);
    }
    for (const text of ['10', '0%', '101%', '-1%', 'x%']) {
      assert.throws(() => parseShare(text), RangeError, text);
    }
  });
});

describe('sampleReturnMs', () => {
  it('spreads those who come back over a tenth of the time between storms', () => {
    assert.equal(
      sampleReturnMs(30_000, () => 0),
      0,
    );
    assert.equal(
      sampleReturnMs(30_000, () => 0.5),
      1500,
    );
  });
});
