import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findLeaks, fitGrowth, type MemorySample, smallestLeaks } from './memory-growth.js';
import { RandomSource } from './random-source.js';

interface Truth {
  readonly perFrame?: number;
  readonly perConnection?: number;
  /** Of the steps of private memory, in bytes to either side. */
  readonly noise?: number;
}

/** 22 rounds of 5000 frames over 25 connections and of 2500 over 125, two of each in turn, as a run of 100,000 frames has them. */
function makeSamples({ perFrame = 0, perConnection = 0, noise = 0 }: Truth): MemorySample[] {
  const random = new RandomSource(1, 1);
  let frames = 0;
  let connections = 0;
  return Array.from({ length: 22 }, (_, round) => {
    frames += round % 4 < 2 ? 5000 : 2500;
    connections += round % 4 < 2 ? 25 : 125;
    const bytes = 5e7 + perFrame * frames + perConnection * connections;
    return {
      frames,
      connections,
      isAfterShort: round % 4 >= 2,
      privateBytes: bytes + random.upTo(2 * noise) - noise,
      liveBytes: bytes / 2,
    };
  });
}

describe('fitGrowth()', () => {
  it('tells growth with frames from growth with connections', () => {
    const { perFrame, perConnection } = fitGrowth(
      makeSamples({ perFrame: 130, perConnection: 20_000 }),
    ).private.all;
    assert.ok(Math.abs(perFrame.bytes - 130) < 1e-6, String(perFrame.bytes));
    assert.ok(Math.abs(perConnection.bytes - 20_000) < 1e-4, String(perConnection.bytes));
  });

  it('has the truth within its margin where there is noise', () => {
    const { perFrame } = fitGrowth(makeSamples({ perFrame: 130, noise: 100_000 })).private.all;
    assert.ok(Math.abs(perFrame.bytes - 130) < perFrame.marginBytes);
    assert.ok(perFrame.marginBytes > 0 && perFrame.marginBytes < 60, String(perFrame.marginBytes));
  });

  it('refuses too few samples, and those in which frames and connections grow together', () => {
    assert.throws(() => fitGrowth(makeSamples({}).slice(0, 10)), /10 samples/);
    const together = makeSamples({}).map((each, index) => ({
      ...each,
      frames: index * 100,
      connections: index,
    }));
    assert.throws(() => fitGrowth(together), /grow together/);
  });
});

describe('findLeaks()', () => {
  it('finds what leaks, and only that', () => {
    const find = (truth: Truth): string[] => findLeaks(fitGrowth(makeSamples(truth)));
    assert.deepEqual(find({ noise: 300_000 }), []);
    assert.deepEqual(find({ perFrame: 130, noise: 100_000 }), ['per frame']);
    assert.deepEqual(find({ perConnection: 20_000, noise: 100_000 }), ['per connection']);
  });

  it('finds none in memory that only rises after short connections and falls after long ones', () => {
    const swinging = makeSamples({}).map((each) => ({
      ...each,
      liveBytes: each.liveBytes + (each.isAfterShort ? 500_000 : 0),
    }));
    assert.deepEqual(findLeaks(fitGrowth(swinging)), []);
  });

  it('finds none in memory that has grown in the first half alone', () => {
    const samples = makeSamples({ perFrame: 130 });
    const [middle] = samples.slice(10);
    assert.ok(middle);
    const { privateBytes, liveBytes } = middle;
    const settled = samples.map((each, index) =>
      index < 10 ? each : { ...each, privateBytes, liveBytes },
    );
    assert.deepEqual(findLeaks(fitGrowth(settled)), []);
  });
});

describe('smallestLeaks()', () => {
  it('is above the margins, and at least 4 B per frame and 64 B per connection', () => {
    const sharp = smallestLeaks(fitGrowth(makeSamples({})).private);
    assert.ok(Math.abs(sharp.perFrame - 4) < 0.01 && Math.abs(sharp.perConnection - 64) < 0.01);
    const blurred = smallestLeaks(fitGrowth(makeSamples({ noise: 100_000 })).private);
    assert.ok(blurred.perFrame > 20, String(blurred.perFrame));
  });
});
