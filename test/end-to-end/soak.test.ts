/** A short soak of our own server: too short to judge, but all of it runs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readProcessTree } from '../../machine/procfs/read-procfs.js';
import { readTextIfThere } from '../../machine/read-text.js';

const soakProgram = fileURLToPath(new URL('../soak/run-soak.js', import.meta.url));

const smallLoad = [
  '--connections=300',
  '--rate=100',
  '--message-rate=200',
  '--sample-interval=500ms',
] as const;

/** Starts a soak; `running` is called with its process once the roles have been sampled. */
async function runSoak(
  args: readonly string[],
  running?: (pid: number, samples: string) => Promise<void>,
): Promise<{ status: number | null; stdout: string; stderr: string; samples: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-soak-'));
  const out = join(folder, 'out');
  const child = spawn(process.execPath, [soakProgram, ...smallLoad, ...args, `--out=${out}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const ended = once(child, 'close');
    const written = Promise.all([text(child.stdout), text(child.stderr)]);
    await running?.(child.pid ?? 0, join(out, 'samples.csv'));
    const [stdout, stderr] = await written;
    await ended;
    const samples = readTextIfThere(join(out, 'samples.csv')) ?? '';
    return { status: child.exitCode, stdout, stderr, samples };
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until there are samples, and returns the pids of everything that the soak has started. */
async function whenSampled(pid: number, samples: string): Promise<readonly number[]> {
  while ((readTextIfThere(samples)?.split('\n').length ?? 0) < 10) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return readProcessTree([pid]).filter((each) => each !== pid);
}

/** Waits until they are gone: what watches over the programs ends a moment after them. */
async function assertGone(pids: readonly number[]): Promise<void> {
  assert.ok(pids.length >= 4, `server, worker, coordinator and generator: ${pids.join(', ')}`);
  for (let looks = 0; looks < 50 && readProcessTree(pids).length > 0; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual(readProcessTree(pids), []);
}

describe('soak', () => {
  it('prints all roles, reconciles all counts, and leaves nothing behind', async () => {
    let started: readonly number[] = [];
    const { status, stdout, stderr, samples } = await runSoak(
      ['--duration=8s', '--warm-up=2s'],
      async (pid, path) => {
        started = await whenSampled(pid, path);
      },
    );
    for (const role of ['server', 'supervisor', 'generators', 'coordinator', 'sampler']) {
      for (const kind of ['private', 'live JS']) {
        const row = stdout.split('\n').find((line) => line.startsWith(`| ${role} | ${kind} |`));
        assert.match(row ?? '', /MiB .*\*\*too short\*\* \|$/, stdout);
      }
      assert.match(samples, new RegExp(`^[\\d.]+,${role},\\d+,\\d+,\\d+,\\d+,\\d*,\\d+$`, 'm'));
    }
    assert.match(stdout, /connections and [\d,]+ echoes in \d+ s, 0 errors/);
    assert.match(stdout, /^All counts of generator and server agree\.$/m, stdout + stderr);
    // Nothing is shown to be flat in so short a time.
    assert.equal(status, 1, stderr);
    await assertGone(started);
  });

  it('ends in order when interrupted, with what it has', async () => {
    let started: readonly number[] = [];
    const { status, stdout } = await runSoak(['--duration=10m'], async (pid, path) => {
      started = await whenSampled(pid, path);
      process.kill(pid, 'SIGHUP');
    });
    assert.match(stdout, /^\| server \| private \|/m);
    assert.match(stdout, /^Wrong: Interrupted by SIGHUP$/m);
    // The drain is in order, so that all counts still agree.
    assert.equal(stdout.match(/^Wrong: /gm)?.length, 1, stdout);
    assert.equal(status, 1);
    await assertGone(started);
  });

  it('refuses a wrong command line', async () => {
    const { status, stderr } = await runSoak(['--duration=5s', '--warm-up=6s']);
    assert.deepEqual([status, stderr], [2, 'soak: --warm-up has to be shorter than --duration\n']);
  });
});
