import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findMemoryCgroup, readMemoryCgroup } from './memory-cgroup.js';

const version1Mounts = `31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
35 31 0:32 /docker/1f2e /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory
37 31 0:34 /docker/1f2e /sys/fs/cgroup/freezer ro - cgroup cgroup rw,freezer
`;
const version2Mounts = `30 23 0:26 /../1f2e.scope /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate
`;

describe('findMemoryCgroup()', () => {
  it('finds a container of version 1 through the root of one of its processes', () => {
    const cgroup = '9:name=systemd:/docker/1f2e\n4:memory:/docker/1f2e\n0::/system.slice\n';
    assert.deepEqual(findMemoryCgroup(cgroup, version1Mounts, '/proc/7/root'), {
      version: 1,
      path: '/proc/7/root/sys/fs/cgroup/memory',
      top: '/proc/7/root/sys/fs/cgroup/memory',
    });
  });

  it('finds a group below the root of the machine', () => {
    const mounts = '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
    assert.deepEqual(findMemoryCgroup('4:cpu,memory:/a/b:c\n', mounts, '/'), {
      version: 1,
      path: '/sys/fs/cgroup/memory/a/b:c',
      top: '/sys/fs/cgroup/memory',
    });
  });

  it('finds a container of version 2 from another one, whose view begins elsewhere', () => {
    assert.deepEqual(findMemoryCgroup('0::/../1f2e.scope\n', version2Mounts, '/proc/7/root'), {
      version: 2,
      path: '/proc/7/root/sys/fs/cgroup',
      top: '/proc/7/root/sys/fs/cgroup',
    });
  });

  it('finds nothing where no controller is mounted', () => {
    assert.equal(findMemoryCgroup('0::/\n', '', '/'), undefined);
    assert.equal(findMemoryCgroup('', version2Mounts, '/'), undefined);
  });
});

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
