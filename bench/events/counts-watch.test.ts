import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type LoadCounts, noCounts } from '../../loadgen/report/counts.js';
import { CountsWatch } from './counts-watch.js';

const expected = { isGreetingRequired: false, hasOpening: false, isAnswered: false } as const;

/** What goes wrong in the world of a test: by how much the counts of one side are off from the middle of the run on. */
interface Fault {
  readonly targetOpened?: number;
  readonly targetOpen?: number;
  readonly generatorClosed?: number;
}

/** One connection as both ends see it; a moment that never comes is Infinity. */
interface Connection {
  readonly attemptedMs: number;
  readonly openedAtTargetMs: number;
  readonly openedMs: number;
  readonly failedMs: number;
  readonly closedMs: number;
  readonly closedAtTargetMs: number;
}

const rampMs = 4000;
const drainMs = 16_000;
const endMs = 18_000;

/** Runs a small world in which everything is late by chance, takes samples of it, and returns what was found at each. */
function watch(seed: number, fault: Fault = {}): readonly (readonly string[])[] {
  const random = xoroshiro128plus(seed);
  const upTo = (most: number): number => uniformInt(random, 0, most);
  const connections = Array.from({ length: 300 }, (): Connection => {
    const attemptedMs = upTo(rampMs);
    const openedAtTargetMs = attemptedMs + upTo(300);
    const isGivenUp = upTo(20) === 0;
    const openedMs = isGivenUp ? Infinity : openedAtTargetMs + upTo(100);
    const isLostEarly = upTo(20) === 0;
    const closedMs = Math.max(
      openedMs,
      isLostEarly ? attemptedMs + upTo(4000) : drainMs + upTo(500),
    );
    return {
      attemptedMs,
      openedAtTargetMs,
      openedMs,
      failedMs: isGivenUp ? openedAtTargetMs + upTo(100) : Infinity,
      closedMs: isGivenUp ? Infinity : closedMs,
      closedAtTargetMs: isGivenUp
        ? drainMs
        : Math.max(openedAtTargetMs, closedMs + upTo(300) - 150),
    };
  });
  const countUntil = (name: keyof Connection, atMs: number): number =>
    connections.filter((connection) => connection[name] <= atMs).length;
  const countAt = (atMs: number): LoadCounts => {
    const attempted = countUntil('attemptedMs', atMs);
    const [opened, failed] = [countUntil('openedMs', atMs), countUntil('failedMs', atMs)];
    const closed = countUntil('closedMs', atMs);
    const isFaulty = atMs > drainMs / 2;
    return {
      ...noCounts(),
      connections_asked_total: attempted,
      connections_attempted_total: attempted,
      connections_pending: attempted - opened - failed,
      connections_opened_total: opened,
      connect_errors_total: failed,
      errors: { other: failed },
      errors_total: failed,
      connections: opened - closed,
      connections_closed_total: closed + (isFaulty ? (fault.generatorClosed ?? 0) : 0),
    };
  };
  const counts = new CountsWatch(expected);
  const found: (readonly string[])[] = [];
  for (let atMs = 500; atMs < endMs; atMs += 500) {
    // Two processes, each of which was counted at some moment of its own.
    const countedMs = atMs - upTo(400);
    const total = countAt(countedMs);
    const figuresMs = atMs + upTo(200) - 100;
    const isFaulty = figuresMs > drainMs / 2;
    const opened = countUntil('openedAtTargetMs', figuresMs);
    const target = {
      openedTotal: opened + (isFaulty ? (fault.targetOpened ?? 0) : 0),
      connections:
        opened -
        countUntil('closedAtTargetMs', figuresMs) +
        (isFaulty ? (fault.targetOpen ?? 0) : 0),
      beginMs: Math.min(atMs, figuresMs),
      endMs: Math.max(atMs, figuresMs) + upTo(50),
    };
    const between = { earliestMs: countedMs - upTo(50), latestMs: countedMs + upTo(50) };
    found.push(counts.take({ wave: total, total, ...between }, target));
  }
  return found;
}

const seeds = Array.from({ length: 200 }, (_, index) => index + 1);

describe('CountsWatch', () => {
  it('finds nothing where both count right, however late their counts come', () => {
    for (const seed of seeds) assert.deepEqual(watch(seed).flat(), [], `seed ${seed}`);
  });

  const faults: readonly (readonly [string, Fault, RegExp])[] = [
    [
      'misses a connection',
      { targetOpened: -40 },
      /the target has opened \d+ connections, the gen/,
    ],
    ['counts connections twice', { targetOpened: 40 }, /the target has opened \d+ connections, of/],
    ['keeps some that are gone', { targetOpen: 40 }, /the target holds \d+ connections, the gen/],
    [
      'has lost some that are open',
      { targetOpen: -40 },
      /the target holds \d+ connections, the gen/,
    ],
  ];
  for (const [name, fault, says] of faults) {
    it(`finds a target that ${name}, at three samples in a row`, () => {
      for (const seed of seeds) {
        const isRow = watch(seed, fault).some(
          (_, index, all) =>
            all.slice(index, index + 3).length === 3 &&
            all.slice(index, index + 3).every((texts) => texts.some((text) => says.test(text))),
        );
        assert.ok(isRow, `seed ${seed}`);
      }
    });
  }

  it('finds a generator that counts a close twice', () => {
    for (const seed of seeds) {
      const found = watch(seed, { generatorClosed: 1 }).flat();
      assert.match(found.join(), /opened \(\d+\) is not open \+ silent \+ closed \(\d+\)/);
    }
  });

  it('compares nothing without a load, or without figures of the target', () => {
    const counts = new CountsWatch(expected);
    const target = { openedTotal: 9, connections: 9, beginMs: 0, endMs: 1 };
    assert.deepEqual(counts.take(undefined, target), []);
    const load = { wave: noCounts(), total: noCounts(), earliestMs: 5, latestMs: 6 };
    assert.deepEqual(counts.take(load, undefined), []);
    assert.deepEqual(counts.take({ ...load, earliestMs: 900, latestMs: 950 }, undefined), []);
  });
});
