import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readGroupPids, readKernelBytes, readMemoryCgroup } from './control-group.js';

describe('readMemoryCgroup()', () => {
  const reading = (files: Readonly<Record<string, string>>) => (path: string) => files[path];

  it('takes the smallest limit of the group and those above it', () => {
    const files = {
      '/cg/a/b/memory.current': '1000',
      '/cg/a/b/memory.max': 'max',
      '/cg/a/memory.max': '268435456',
      '/cg/memory.max': '536870912',
      '/cg/a/b/memory.events': 'low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\n',
    };
    assert.deepEqual(
      readMemoryCgroup({ version: 2, path: '/cg/a/b', top: '/cg' }, reading(files)),
      {
        usedBytes: 1000,
        limitBytes: 268_435_456,
        oomKills: 2,
      },
    );
  });

  it('adds what the kernel keeps in slabs and in sockets, and lists the processes', () => {
    const files = {
      '/cg/memory.current': '9000',
      '/cg/memory.stat': 'anon 4000\nkernel 3000\nsock 512\nslab_reclaimable 100\nslab 2048\n',
      '/cg/cgroup.procs': '17\n18',
    };
    const group = { version: 2, path: '/cg', top: '/cg' } as const;
    assert.equal(readKernelBytes(group, reading(files)), 2560);
    assert.deepEqual(readGroupPids(group, reading(files)), [17, 18]);
  });

  it('knows of sockets in version 1 only where the group has a limit of their buffers', () => {
    const files = {
      '/cg/memory.kmem.usage_in_bytes': '2048',
      '/cg/memory.kmem.tcp.usage_in_bytes': '512',
      '/cg/memory.kmem.tcp.limit_in_bytes': '9223372036854771712',
    };
    const kernelBytes = (limit: Readonly<Record<string, string>>) =>
      readKernelBytes({ version: 1, path: '/cg', top: '/cg' }, reading({ ...files, ...limit }));
    assert.equal(kernelBytes({}), undefined);
    assert.equal(kernelBytes({ '/cg/memory.kmem.tcp.limit_in_bytes': '10737418240' }), 2560);
  });

  it('takes the largest number of version 1 for no limit', () => {
    const files = {
      '/cg/memory.usage_in_bytes': '5000',
      '/cg/memory.limit_in_bytes': '9223372036854771712',
      '/cg/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
    };
    assert.deepEqual(readMemoryCgroup({ version: 1, path: '/cg', top: '/cg' }, reading(files)), {
      usedBytes: 5000,
      limitBytes: undefined,
      oomKills: 1,
    });
  });

  it('knows nothing of a group that is gone', () => {
    assert.deepEqual(readMemoryCgroup({ version: 2, path: '/cg', top: '/cg' }, reading({})), {
      usedBytes: undefined,
      limitBytes: undefined,
      oomKills: undefined,
    });
  });
});
