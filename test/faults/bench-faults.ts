import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endingSignals } from '../../program/ending-signals.js';
import { findFreePort } from '../../server/free-port.js';
import { leavingServer } from '../end-to-end/leaving-server.js';
import type { Fault } from './fault.js';
import { disturbBench, freeze, type Rightness, type WatchedBench } from './watched-bench.js';

/** Longer than a look at the processes takes to come round, and than what passes for a busy machine, in milliseconds. */
const frozenMs = 4500;

const bench = (
  name: string,
  expected: string,
  act: (watched: WatchedBench) => Promise<void> | void,
  right: Rightness,
  args: readonly string[] = [],
): Fault => ({ name, expected, happen: (folder) => disturbBench(folder, args, act, right) });

const kill = (pid: number | undefined, signal: NodeJS.Signals = 'SIGKILL'): void => {
  if (pid === undefined) throw new Error('there is no such process');
  process.kill(pid, signal);
};

/** What is done to a run of the bench, and to what takes part in it. */
export const benchFaults: readonly Fault[] = [
  ...endingSignals.map((signal) =>
    bench(
      `bench gets ${signal}`,
      'it ends in order and says where it was',
      ({ child }) => void child.kill(signal),
      { exitStatus: 1, says: new RegExp(`^Interrupted by ${signal} in wave 1, hold`) },
    ),
  ),
  bench(
    'bench is killed (-9)',
    'server and generator go with it; rows are whole',
    ({ child }) => void child.kill('SIGKILL'),
    { exitStatus: 'SIGKILL' },
  ),
  {
    name: 'bench is killed (-9), its target ignores SIGTERM',
    expected: 'the target goes with it all the same',
    happen: async (folder) => {
      const port = await findFreePort('127.0.0.1', 0);
      const file = join(folder, 'server.cjs');
      writeFileSync(file, leavingServer);
      const server = `"${process.execPath}" "${file}" ${port}`;
      return disturbBench(
        folder,
        [`--exec=trap '' TERM; ${server}; true`, `--url=ws://127.0.0.1:${port}`, '--no-greeting'],
        ({ child }) => void child.kill('SIGKILL'),
        { exitStatus: 'SIGKILL' },
      );
    },
  },
  bench(
    'the server is killed (-9)',
    'the run fails: what died, when, with what open',
    ({ pids }) => {
      kill(pids('target')[0]);
    },
    { exitStatus: 1, says: /^The target died in wave 1, hold with 200 .* killed by SIGKILL/ },
  ),
  bench(
    'one of two workers is killed',
    'the run ends, inconclusive: pid, signal, time',
    ({ pids }) => {
      kill(pids('target')[1]);
    },
    {
      exitStatus: 1,
      says: /workers died.*wave 1, \w+\): process \d+ of the target was killed by SIGKILL/,
      verdict: 'inconclusive',
    },
    ['--workers=2'],
  ),
  bench(
    'both workers crash (SIGSEGV)',
    'the run fails, and tells that as the cause',
    ({ pids }) => {
      for (const pid of pids('target').slice(1)) kill(pid, 'SIGSEGV');
    },
    { exitStatus: 1, says: /^At .*process \d+ of the target was killed by SIGSEGV; At .*SIGSEGV/ },
    ['--workers=2'],
  ),
  bench(
    'a process of the generator is killed',
    'the run fails and says so',
    ({ pids }) => {
      kill(pids('loadgen')[1]);
    },
    { exitStatus: 1, says: /generator processes died/ },
    ['--processes=2'],
  ),
  bench(
    'the coordinator of the generator is killed',
    'the run fails and says so; its processes go',
    ({ pids }) => {
      kill(pids('loadgen')[0]);
    },
    { exitStatus: 1, says: /^The load generator \(pid \d+\) was killed by SIGKILL in wave 1/ },
  ),
  bench(
    'a worker is frozen for 4.5 s',
    'an event with pid and duration; inconclusive',
    ({ pids }) => freeze(pids('target')[1], frozenMs),
    { exitStatus: 1, says: /for [45]\.\d s: process \d+ of the target/, verdict: 'inconclusive' },
  ),
  bench(
    'a generator process is frozen for 4.5 s',
    'an event with pid and duration; inconclusive',
    ({ pids }) => freeze(pids('loadgen')[1], frozenMs),
    { exitStatus: 1, says: /for [45]\.\d s: process \d+ of the load gen/, verdict: 'inconclusive' },
  ),
  bench(
    'the coordinator is frozen for good',
    'the run ends after 30 s of silence',
    ({ pids }) => {
      kill(pids('loadgen')[0], 'SIGSTOP');
    },
    { exitStatus: 1, says: /^The load generator has said nothing for 3\d s and was ended/ },
  ),
  bench(
    'bench is frozen for 4.5 s',
    'an event: no samples were taken; inconclusive',
    ({ child }) => freeze(child.pid, frozenMs),
    {
      exitStatus: 1,
      says: /the bench itself \(process \d+\) stood still/,
      verdict: 'inconclusive',
    },
  ),
  {
    name: 'the disk is full',
    expected: 'the first failure is the reason; rows stay whole',
    missing: () => (process.getuid?.() === 0 ? undefined : 'a small disk is mounted by root only'),
    happen: async (folder) => {
      const disk = join(folder, 'disk');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'pipe' });
      try {
        return await disturbBench(disk, ['--hold=1m', '--interval=100ms'], () => undefined, {
          exitStatus: 1,
          says: /^Cannot write \S+csv: ENOSPC/,
        });
      } finally {
        execFileSync('umount', ['-l', disk]);
      }
    },
  },
  {
    name: "the target's port goes away for 3 s",
    expected: 'an event with its times; the run goes on',
    happen: async (folder) => {
      const port = await findFreePort('127.0.0.1', 0);
      const server = spawn(process.execPath, ['-e', leavingServer, String(port)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        await once(server.stdout, 'data');
        const outcome = await disturbBench(
          folder,
          [`--pid=${server.pid ?? 0}`, `--url=ws://127.0.0.1:${port}`, '--no-greeting'],
          () => void server.kill('SIGUSR2'),
          { exitStatus: 0, says: /^nothing listened at the address of the target$/ },
        );
        // It was there before, and is to be there after.
        const left = outcome.childrenLeft - 1;
        const isLeft = (text: string): boolean => text === '1 processes are left';
        return {
          ...outcome,
          childrenLeft: left,
          mistakes: outcome.mistakes.filter((text) => !(left === 0 && isLeft(text))),
        };
      } finally {
        server.kill('SIGKILL');
      }
    },
  },
];
