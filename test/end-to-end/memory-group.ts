import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLeftOut } from './program.js';

/** A control group with a limit of its memory. */
export interface MemoryGroup {
  /** File that takes the pids of its members. */
  readonly members: string;
  /** File that sets its limit. */
  readonly limit: string;
}

let groups = 0;

/**
 * Makes a control group with a memory limit, in bytes, of the version that this machine has; it is gone after the test. In version 1
 * the buffers of sockets get a limit too, because sockets are charged to no group that has none. Undefined, and the test is left out,
 * where none can be made.
 */
export function createMemoryGroup(t: TestContext, limitBytes: number): MemoryGroup | undefined {
  const root = '/sys/fs/cgroup';
  const isVersion1 = existsSync(join(root, 'memory'));
  const name = `tidemark-test-${process.pid}-${++groups}`;
  const folder = join(root, isVersion1 ? 'memory' : '', name);
  const limit = join(folder, isVersion1 ? 'memory.limit_in_bytes' : 'memory.max');
  try {
    mkdirSync(folder);
    t.after(() => removeGroup(folder));
    writeFileSync(limit, String(limitBytes));
    if (isVersion1) writeFileSync(join(folder, 'memory.kmem.tcp.limit_in_bytes'), '1G');
    return { members: join(folder, 'cgroup.procs'), limit };
  } catch (error) {
    isLeftOut(t, `no control group can be made: ${String(error)}`);
    return undefined;
  }
}

/** Removes a group, which can be done a moment after its last process is gone. */
async function removeGroup(folder: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (attempt >= 500) throw error;
      await sleep(20);
    }
  }
}
