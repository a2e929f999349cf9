import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shareConnections } from './worker-shares.js';

/** 19,872 connections fit in one process: 20,000 files less the 128 that are reserved. */
const limits = { openFiles: 20_000, cores: 2 };

describe('shareConnections()', () => {
  const cases = [
    {
      name: 'takes a worker per core, each as full as it can be, when nothing is asked',
      asked: { workers: 'auto', maxConnections: undefined },
      expected: { workers: 2, share: 19_872, maxConnections: 39_744 },
    },
    {
      name: 'takes the workers that are asked for',
      asked: { workers: 3, maxConnections: undefined },
      expected: { workers: 3, share: 19_872, maxConnections: 59_616 },
    },
    {
      name: 'gives each worker its even share',
      asked: { workers: 'auto', maxConnections: 10_000 },
      expected: { workers: 2, share: 5000, maxConnections: 10_000 },
    },
    {
      name: 'rounds the share up where it leaves a remainder',
      asked: { workers: 3, maxConnections: 10 },
      expected: { workers: 3, share: 4, maxConnections: 10 },
    },
    {
      name: 'takes as many workers as the open-file limit forces',
      asked: { workers: 'auto', maxConnections: 400_000 },
      expected: { workers: 21, share: 19_048, maxConnections: 400_000 },
    },
    {
      name: 'fills the only worker to the last file',
      asked: { workers: 1, maxConnections: 19_872 },
      expected: { workers: 1, share: 19_872, maxConnections: 19_872 },
    },
  ] as const;
  for (const { name, asked, expected } of cases) {
    it(name, () => {
      assert.deepEqual(shareConnections(asked, limits), expected);
    });
  }

  it('takes any number where files are unlimited', () => {
    const unlimited = { openFiles: Infinity, cores: 1 };
    const shares = shareConnections({ workers: 'auto', maxConnections: undefined }, unlimited);
    assert.deepEqual(shares, { workers: 1, share: 4_294_967_295, maxConnections: 4_294_967_295 });
  });

  it('refuses more connections than the workers can open, and says what can be done', () => {
    assert.throws(
      () => shareConnections({ workers: 1, maxConnections: 19_873 }, limits),
      /^RangeError: Cannot hold 19873 connections with 1 workers: each can open 20000 files, about 19872 connections in all; use --workers auto or raise the limit with ulimit -n$/,
    );
  });

  it('refuses a machine without files for a server', () => {
    assert.throws(
      () =>
        shareConnections({ workers: 1, maxConnections: undefined }, { openFiles: 128, cores: 1 }),
      /^RangeError: The open-file limit of 128 is too low for a server: raise it with ulimit -n$/,
    );
  });

  it('shares out what was asked for, and less than one more for each worker', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.oneof(fc.constant('auto' as const), fc.integer({ min: 64, max: 200 })),
        (maxConnections, workers) => {
          const shares = shareConnections({ workers, maxConnections }, limits);
          assert.equal(shares.maxConnections, maxConnections);
          assert.ok(shares.share * shares.workers >= maxConnections);
          assert.ok(shares.share * shares.workers < maxConnections + shares.workers);
          assert.ok(shares.share <= 19_872);
        },
      ),
    );
  });
});
