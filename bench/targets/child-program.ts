import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { errorCodeOf, RunError } from '../../program/failure.js';
import { environmentWithoutOptions } from '../../program/option-table.js';
import { forgetGroup, watchGroup } from '../../program/guardian.js';
import { findErrorLine, OutputTail } from './program-output.js';
import { fileURLToPath } from 'node:url';
import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The line of its output that says why, for the message to the user; empty if it wrote nothing. */
  readonly errorLine: string;
}

/** A program that the bench has started, in a process group of its own. */
export interface ChildProgram {
  readonly name: string;
  readonly pid: number;
  /** Settles when the program has ended and its output has been read; it never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** Asks it to end with SIGTERM, and kills its whole process group if it hasn't within the grace period. */
  readonly stop: (graceMs: number) => Promise<ProgramEnd>;
  /** Kills the whole process group, at once. */
  readonly kill: () => void;
}

/** What to start. */
export interface ProgramStart {
  /** Name for messages, such as `server`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Gets each line of standard output; without it, standard output is for people, like standard error. */
  readonly onLine?: (line: string) => void;
  /** Gets what it writes for people. */
  readonly output?: OutputTail;
  /** Folder in which it runs; that of the bench by default. */
  readonly cwd?: string | undefined;
  /** Opens an IPC channel, by which our own programs notice when the bench dies. */
  readonly hasChannel: boolean;
  /** 0 to 19, see {@link lowerPriority}; 0 by default. */
  readonly niceness?: number;
  /** Variables besides those of the bench. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What kills each of the programs that run. */
const running = new Set<() => void>();

/** How long to wait for the output of a program that has ended. */
const lateOutputMs = 500;

/**
 * Starts a program. It gets its own process group, so that Ctrl-C reaches only the bench, which then ends
 * everything in order, and so that a shell's children can be ended with it.
 * `TIDEMARK_…` variables are for the bench and are not passed on: they would set options of its children too.
 * @throws {RunError} if it can't be started.
 */
export async function startProgram(start: ProgramStart): Promise<ChildProgram> {
  const child = spawn(start.command, start.args, {
    detached: true,
    cwd: start.cwd,
    stdio: ['ignore', 'pipe', 'pipe', ...(start.hasChannel ? ['ipc' as const] : [])],
    env: {
      ...environmentWithoutOptions(),
      ...start.environment,
    },
  });
  const ended = whenEnded(child, start.onLine, start.output ?? new OutputTail());
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(new RunError(`Cannot start ${start.name}: ${error.message}`, { cause: error }));
    });
  });
  const pid = child.pid ?? 0;
  if (start.niceness !== undefined && start.niceness > 0) lowerPriority(pid, start.niceness);
  const kill = (): void => {
    signalGroup(pid, 'SIGKILL');
    if (running.delete(kill)) forgetGroup(pid);
  };
  if (!process.listeners('exit').includes(killAllPrograms)) process.once('exit', killAllPrograms);
  running.add(kill);
  watchGroup(pid);
  return {
    name: start.name,
    pid,
    ended,
    kill,
    stop: async (graceMs) => {
      child.kill('SIGTERM');
      const timer = setTimeout(kill, graceMs);
      const end = await ended;
      clearTimeout(timer);
      // A worker that outlived its parent would keep its port and its memory.
      kill();
      return end;
    },
  };
}

/** Kills every program that was started and not stopped. Runs by itself when the bench exits, however that happens. */
export function killAllPrograms(): void {
  for (const kill of running) kill();
}

/** Kills a program and what it has started, and settles when it is gone; how it would have ended by itself does not matter. */
export async function endAtOnce(program: {
  readonly kill: () => void;
  readonly ended: Promise<unknown>;
}): Promise<void> {
  program.kill();
  await program.ended;
}

/** Describes an end in words: `was killed by SIGKILL`, `ended with status 1: port in use`. */
export function describeEnd({ code, signal, errorLine }: ProgramEnd): string {
  const how =
    signal === null
      ? `ended with status ${code ?? 0}${signalOfShell(code)}`
      : `was killed by ${signal}`;
  return errorLine === '' ? how : `${how}: ${errorLine}`;
}

/** A shell ends with 128 plus the number of the signal that killed its command. */
function signalOfShell(code: number | null): string {
  const found = Object.entries(constants.signals).find(([, number]) => code === 128 + number);
  return found === undefined ? '' : ` (${found[0]})`;
}

async function whenEnded(
  child: ChildProcess,
  onLine: ProgramStart['onLine'],
  output: OutputTail,
): Promise<ProgramEnd> {
  const collect = (chunk: Buffer): void => {
    output.append(chunk);
  };
  if (child.stdout !== null && onLine !== undefined) {
    createInterface(child.stdout).on('line', onLine);
  } else child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return new Promise((resolve) => {
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      resolve({ code, signal, errorLine: findErrorLine(output.text, signal !== null) });
    };
    // `close` rather than `exit`, because the last lines may come after the process is gone; but a child of the child
    // may hold the pipes open, and then its end must not go unnoticed.
    child.once('exit', (code, signal) => {
      const timer = setTimeout(finish, lateOutputMs, code, signal);
      child.once('close', () => {
        clearTimeout(timer);
        finish(code, signal);
      });
    });
    child.once('error', () => {
      finish(null, null);
    });
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: every process of the group is already gone, as intended.
    if (errorCodeOf(error) !== 'ESRCH') throw error;
  }
}

/** Path of the compiled `tidemark` command, through which the bench starts the other programs. */
export const tidemarkProgram = fileURLToPath(new URL('../../tidemark.js', import.meta.url));

/**
 * Makes a process that was just started, and all that it will start, give way to others: `niceness` is 1 to 19.
 *
 * Where the kernel groups processes by session (`sched_autogroup_enabled`, sched(7), "The autogroup feature"), a nice
 * value counts only within a session, so that of the group is set too. A process that has already ended is left alone.
 */
export function lowerPriority(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch (error) {
    // No autogroups here (macOS, a kernel without them), or the process is gone: nothing more to do.
    if (errorCodeOf(error) !== 'ENOENT' && !isNoSuchProcess(error)) throw error;
  }
}

/** `os.setPriority()` gives the reason only as a number: its code is ERR_SYSTEM_ERROR whatever went wrong. */
function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === -constants.errno.ESRCH;
}
