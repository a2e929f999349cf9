import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, it } from 'node:test';
import { lowerPriority } from './child-program.js';

describe('lowerPriority()', () => {
  it('sets the nice value of a process and of its session', async () => {
    const child = spawn('sleep', ['60'], { detached: true });
    await once(child, 'spawn');
    const { pid = 0 } = child;
    try {
      lowerPriority(pid, 7);
      assert.equal(getPriority(pid), 7);
      const autogroup = `/proc/${pid}/autogroup`;
      if (existsSync(autogroup)) assert.match(readFileSync(autogroup, 'utf8'), /nice 7$/m);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('leaves a process alone that has ended', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    assert.doesNotThrow(() => {
      lowerPriority(child.pid ?? 0, 7);
    });
  });
});
