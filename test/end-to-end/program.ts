/** Runs `tidemark` as a process, the way that users do. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterEach, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** What a program has left that has ended. */
export interface ProgramEnd {
  readonly exitStatus: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Lines of standard output. */
  readonly lines: readonly string[];
}

/** A program that was started. It is killed after the test, however that ends. */
export interface Program {
  readonly child: ChildProcess;
  /** Resolves when it has ended and all that it wrote was read. */
  readonly exit: Promise<ProgramEnd>;
  /** What it has written to standard error so far. */
  stderr(): string;
  /** Resolves with the first line of standard output that fits; rejects if it ends without one. */
  waitForLine(fits: (line: string) => boolean): Promise<string>;
  /** Resolves with the next line of standard output; rejects if it ends without one. */
  nextLine(): Promise<string>;
  /** Resolves with the next line of standard output, parsed. */
  nextJsonLine(): Promise<unknown>;
  /** Ends it with SIGTERM. */
  stop(): Promise<ProgramEnd>;
}

/** What Node runs as `tidemark`. */
export const programPath = fileURLToPath(new URL('../../tidemark.js', import.meta.url));

const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts `tidemark` with these arguments; environment variables are added to this process's own. */
export function startProgram(args: readonly string[], environment?: NodeJS.ProcessEnv): Program {
  const child = spawn(process.execPath, [programPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const lines: string[] = [];
  const wake = new Set<() => void>();
  let hasEnded = false;
  const wakeAll = (): void => {
    for (const look of wake) look();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wakeAll();
  });
  const exit = once(child, 'close').then(([exitStatus, signal]): ProgramEnd => {
    hasEnded = true;
    wakeAll();
    return {
      exitStatus: exitStatus as number | null,
      signal: signal as NodeJS.Signals | null,
      stderr,
      lines,
    };
  });
  const waitFor = (find: () => string | undefined): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const line = find();
        if (line !== undefined) resolve(line);
        else if (hasEnded) reject(new Error(`The program ended without that line: ${stderr}`));
        else return;
        wake.delete(look);
      };
      wake.add(look);
      look();
    });
  let taken = 0;
  const nextLine = (): Promise<string> => {
    const index = taken++;
    return waitFor(() => lines[index]);
  };
  return {
    child,
    exit,
    stderr: () => stderr,
    waitForLine: (fits) => waitFor(() => lines.find(fits)),
    nextLine,
    nextJsonLine: async () => JSON.parse(await nextLine()) as unknown,
    stop: () => {
      child.kill('SIGTERM');
      return exit;
    },
  };
}

/** Runs `tidemark` with these arguments to its end. */
export function runProgram(...args: readonly string[]): Promise<ProgramEnd> {
  return startProgram(args).exit;
}

/**
 * Tells whether a program from outside is missing: then the test is skipped with the reason, or fails where
 * TIDEMARK_REQUIRE_ALL=1 says that nothing may be left out.
 */
export function isMissing(
  t: TestContext,
  what: string,
  command: string,
  ...args: readonly string[]
): boolean {
  const isThere = spawnSync(command, args).status === 0;
  return isLeftOut(
    t,
    isThere ? undefined : `${what} is missing: "${[command, ...args].join(' ')}" fails`,
  );
}

/** Skips a test for this reason, if there is one, or fails it where TIDEMARK_REQUIRE_ALL=1 is set. */
export function isLeftOut(t: TestContext, reason: string | undefined): boolean {
  if (reason === undefined) return false;
  if (process.env['TIDEMARK_REQUIRE_ALL'] === '1') assert.fail(reason);
  t.skip(reason);
  return true;
}

/** Tells whether a process runs. One that has ended may wait for its parent to take note, as a zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    // ESRCH: there is none.
    return false;
  }
  const status = `/proc/${pid}/status`;
  return !(existsSync(status) && /^State:\s+Z/m.test(readFileSync(status, 'utf8')));
}

/** How long a test waits for what should happen soon: several run side by side, and the machine may be busy. */
const longestWaitMs = 60_000;

/** Waits until something holds, and fails if it does not within a minute. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + longestWaitMs;
  while (!(await holds())) {
    assert.ok(performance.now() < deadlineMs, 'waited a minute without effect');
    await sleep(10);
  }
}

/** Fails unless a program wrote exactly one line to standard error, as `tidemark: …`, that fits the pattern. */
export function assertOneLine(stderr: string, pattern: RegExp): void {
  assert.match(stderr, pattern);
  assert.match(stderr, /^tidemark: [^\n]+\n$/);
}
