import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type NamedFrame, nameSite } from './name-site.js';

function stack(...frames: readonly (readonly [NamedFrame['origin'], string])[]): NamedFrame[] {
  return frames.map(([origin, text]) => ({ origin, text }));
}

describe('nameSite()', () => {
  const cases: readonly (readonly [string, NamedFrame[], string])[] = [
    [
      'the two nearest functions of the program, without those of Node between and below',
      stack(
        ['runtime', 'alloc node:buffer:1'],
        ['own', 'fill a.js:1'],
        ['runtime', 'emit node:events:2'],
        ['package ws', 'completeUpgrade ws/c.js:7'],
        ['own', 'accept a.js:9'],
        ['own', 'main a.js:20'],
      ),
      'fill a.js:1 < accept a.js:9',
    ],
    [
      'a package by its nearest function, and who called it',
      stack(
        ['package ws', 'setSocket ws/b.js:5'],
        ['runtime', 'emit node:events:2'],
        ['package ws', 'completeUpgrade ws/c.js:7'],
        ['own', 'upgrade a.js:3'],
      ),
      'setSocket ws/b.js:5 < upgrade a.js:3',
    ],
    [
      'a function that calls itself once',
      stack(['own', 'walk a.js:1'], ['own', 'walk a.js:1'], ['own', 'main a.js:9']),
      'walk a.js:1 < main a.js:9',
    ],
    [
      'three packages at most',
      stack(['package a', 'a'], ['package b', 'b'], ['package c', 'c'], ['package d', 'd']),
      'a < b < c',
    ],
    [
      'where Node alone is in sight, what its documentation knows',
      stack(
        ['engine', '(V8 API)'],
        ['runtime', 'Timer node:internal/timers:1'],
        ['runtime', 'Socket node:net:359'],
      ),
      'Socket node:net:359',
    ],
    ['where the engine alone is, itself', stack(['engine', '(V8 API)']), '(V8 API)'],
  ];
  for (const [what, frames, expected] of cases) {
    it(`tells ${what}`, () => {
      assert.equal(nameSite(frames), expected);
    });
  }
});
