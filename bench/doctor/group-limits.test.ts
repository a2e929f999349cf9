import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findCpuQuota, findMemoryLimit, findPidsLimit } from './group-limits.js';

const reading = (files: Readonly<Record<string, string>>) => (path: string) => files[path];
const one = { version: 1, path: '/cg', top: '/cg' } as const;
const two = { version: 2, path: '/cg/a/b', top: '/cg' } as const;

describe('findMemoryLimit()', () => {
  it('takes the group that leaves the least room', () => {
    const read = reading({
      '/cg/a/b/memory.max': '1000',
      '/cg/a/b/memory.current': '100',
      '/cg/a/memory.max': '2000',
      '/cg/a/memory.current': '1500',
      '/cg/memory.max': 'max',
    });
    assert.deepEqual(findMemoryLimit(two, read), {
      limit: 2000,
      used: 1500,
      file: '/cg/a/memory.max',
    });
  });

  it('takes the largest number of version 1 for no limit', () => {
    const read = reading({
      '/cg/memory.limit_in_bytes': '9223372036854771712',
      '/cg/memory.usage_in_bytes': '5',
    });
    assert.equal(findMemoryLimit(one, read), undefined);
  });

  it('knows of none without a group', () => {
    assert.equal(findMemoryLimit(undefined, reading({})), undefined);
  });
});

describe('findPidsLimit()', () => {
  it('reads the limit and what is used', () => {
    const read = reading({ '/cg/pids.max': '4096', '/cg/pids.current': '12' });
    assert.deepEqual(findPidsLimit(one, read), { limit: 4096, used: 12, file: '/cg/pids.max' });
    assert.equal(findPidsLimit(one, reading({ '/cg/pids.max': 'max' })), undefined);
  });
});

describe('findCpuQuota()', () => {
  it('is the smallest quota over its period', () => {
    const read = reading({ '/cg/a/b/cpu.max': 'max 100000', '/cg/a/cpu.max': '150000 100000' });
    assert.equal(findCpuQuota(two, read), 1.5);
  });

  it('reads version 1 too, where −1 is none', () => {
    const files = { '/cg/cpu.cfs_quota_us': '50000', '/cg/cpu.cfs_period_us': '100000' };
    assert.equal(findCpuQuota(one, reading(files)), 0.5);
    assert.equal(findCpuQuota(one, reading({ ...files, '/cg/cpu.cfs_quota_us': '-1' })), undefined);
    assert.equal(findCpuQuota(one, reading({})), undefined);
  });
});
