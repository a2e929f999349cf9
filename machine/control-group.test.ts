import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findControlGroup } from './control-group.js';

const version1Mounts = `31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
35 31 0:32 /docker/1f2e /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory
37 31 0:34 /docker/1f2e /sys/fs/cgroup/freezer ro - cgroup cgroup rw,freezer
`;
const version2Mounts = `30 23 0:26 /../1f2e.scope /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate
`;

describe('findControlGroup()', () => {
  it('finds a container of version 1 through the root of one of its processes', () => {
    const cgroup = '9:name=systemd:/docker/1f2e\n4:memory:/docker/1f2e\n0::/system.slice\n';
    assert.deepEqual(findControlGroup('memory', cgroup, version1Mounts, '/proc/7/root'), {
      version: 1,
      path: '/proc/7/root/sys/fs/cgroup/memory',
      top: '/proc/7/root/sys/fs/cgroup/memory',
    });
  });

  it('finds a group below the root of the machine', () => {
    const mounts = '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
    assert.deepEqual(findControlGroup('memory', '4:cpu,memory:/a/b:c\n', mounts, '/'), {
      version: 1,
      path: '/sys/fs/cgroup/memory/a/b:c',
      top: '/sys/fs/cgroup/memory',
    });
  });

  it('finds a container of version 2 from another one, whose view begins elsewhere', () => {
    assert.deepEqual(
      findControlGroup('memory', '0::/../1f2e.scope\n', version2Mounts, '/proc/7/root'),
      {
        version: 2,
        path: '/proc/7/root/sys/fs/cgroup',
        top: '/proc/7/root/sys/fs/cgroup',
      },
    );
  });

  it('finds nothing where no controller is mounted', () => {
    assert.equal(findControlGroup('memory', '0::/\n', '', '/'), undefined);
    assert.equal(findControlGroup('memory', '', version2Mounts, '/'), undefined);
  });

  it('finds the group of another controller, which may lie elsewhere', () => {
    const mounts = `${version1Mounts}36 31 0:33 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n`;
    assert.deepEqual(findControlGroup('pids', '4:memory:/docker/1f2e\n5:pids:/a\n', mounts, '/'), {
      version: 1,
      path: '/sys/fs/cgroup/pids/a',
      top: '/sys/fs/cgroup/pids',
    });
  });
});
