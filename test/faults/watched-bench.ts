import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import { readRun } from '../../bench/results/read-run.js';
import type { StoredSummary } from '../../bench/results/read-summary.js';
import { tidemarkProgram } from '../../bench/targets/child-program.js';
import { RunError } from '../../program/failure.js';
import { isThere } from '../end-to-end/process-figures.js';
import type { FaultOutcome } from './fault.js';

/** Small and quick: one wave that is held long enough for something to happen in it. */
const common = [
  '--connections=200',
  '--rate=1000',
  '--waves=1',
  '--baseline=500ms',
  '--hold=8s',
  '--rest=1s',
  '--interval=200ms',
];

/** Longest wait for a phase, and for processes to go, in milliseconds. */
const patienceMs = 30_000;
const pauseMs = 100;

/** A bench that something happens to. */
export interface WatchedBench {
  readonly child: ChildProcess;
  /** Process ids of a role, as the latest sample has them, in its order. */
  readonly pids: (role: 'target' | 'loadgen') => readonly number[];
}

/** What a bench has left. */
interface BenchEnd {
  readonly exitStatus: number | string;
  /** The last line that it wrote to standard error. */
  readonly lastLine: string;
  readonly summary: StoredSummary | undefined;
  readonly rowsLost: number;
  readonly childrenLeft: number;
}

/** What is right of the end of a bench. */
export interface Rightness {
  readonly exitStatus: number | string;
  /** Has to be in its last line, or in the first event of its summary. */
  readonly says?: RegExp;
  readonly verdict?: string;
}

/**
 * Runs the bench, does something to it as soon as it holds its connections, and tells what came of it.
 * @param folder for its results
 * @param args options besides the common ones; a later one wins
 * @param act what is done to it
 * @param right what has to come of it
 * @throws {Error} if it does not come to its hold.
 */
export async function disturbBench(
  folder: string,
  args: readonly string[],
  act: (bench: WatchedBench) => Promise<void> | void,
  right: Rightness,
): Promise<FaultOutcome> {
  const out = join(folder, 'run');
  const child = spawn(
    process.execPath,
    [tidemarkProgram, 'bench', '--quiet', `--out=${out}`, ...common, ...args],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const stderr = text(child.stderr);
  const ended = once(child, 'close');
  await untilHold(out, child);
  await act({ child, pids: (role) => pidsOf(out, role) });
  const [code, signal] = (await ended) as [number | null, string | null];
  return judge(await examine(out, code ?? signal ?? '', await stderr), right);
}

/** Stops a process for a time, as a debugger or a frozen container would. */
export async function freeze(pid: number | undefined, ms: number): Promise<void> {
  if (pid === undefined) throw new Error('there is no such process');
  process.kill(pid, 'SIGSTOP');
  await sleep(ms);
  process.kill(pid, 'SIGCONT');
}

async function untilHold(folder: string, child: ChildProcess): Promise<void> {
  const isHeld = (): boolean => {
    try {
      return readRun(folder).rows.some(({ phase }) => phase === 'hold');
    } catch (error) {
      // Its file is not there yet, or is still without a head.
      if (error instanceof RunError) return false;
      throw error;
    }
  };
  for (let waitedMs = 0; !isHeld(); waitedMs += pauseMs) {
    if (child.exitCode !== null || waitedMs > patienceMs)
      throw new Error('it does not get to hold');
    await sleep(pauseMs);
  }
}

function pidsOf(folder: string, role?: 'target' | 'loadgen'): readonly number[] {
  const file = readFileSync(join(folder, 'workers.csv'), 'utf8');
  const rows: Readonly<Record<string, string>>[] = parse(
    file.slice(0, file.lastIndexOf('\n') + 1),
    { columns: true },
  );
  const latest = rows.at(-1)?.['timestamp'];
  const wanted = rows.filter((row) =>
    role === undefined ? true : row['role'] === role && row['timestamp'] === latest,
  );
  return [...new Set(wanted.map((row) => Number(row['pid'])))];
}

async function examine(
  folder: string,
  exitStatus: number | string,
  stderr: string,
): Promise<BenchEnd> {
  const { rows, isCut, summary } = readRun(folder);
  const unfinished = readdirSync(folder).filter((name) => name.endsWith('.unfinished'));
  const taken = summary?.samples ?? rows.length;
  return {
    exitStatus,
    lastLine: stderr.trimEnd().split('\n').at(-1) ?? '',
    summary,
    rowsLost: taken - rows.length + (isCut ? 1 : 0) + unfinished.length,
    childrenLeft: await countLeft(pidsOf(folder)),
  };
}

/** Counts the processes that stay. */
async function countLeft(pids: readonly number[]): Promise<number> {
  for (let waitedMs = 0; pids.some(isThere) && waitedMs < patienceMs; waitedMs += pauseMs) {
    await sleep(pauseMs);
  }
  return pids.filter(isThere).length;
}

function judge(end: BenchEnd, { exitStatus, says, verdict }: Rightness): FaultOutcome {
  const { summary, lastLine } = end;
  const [event] = summary?.events ?? [];
  const told = lastLine.startsWith('tidemark: ') ? lastLine.slice('tidemark: '.length) : undefined;
  const said = told?.replace(/; \d+ samples are kept in .*$/, '') ?? event?.text ?? '';
  return {
    outcome: [summary?.verdict, said]
      .filter((part) => part !== undefined && part !== '')
      .join(': '),
    mistakes: [
      ...(end.exitStatus === exitStatus ? [] : [`exit ${end.exitStatus}, not ${exitStatus}`]),
      ...(says === undefined || says.test(said) ? [] : [`${says.source} is not in: ${said}`]),
      ...(verdict === undefined || summary?.verdict === verdict
        ? []
        : [`the verdict is ${summary?.verdict ?? 'missing'}, not ${verdict}`]),
      ...(end.rowsLost === 0 ? [] : [`${end.rowsLost} rows are lost`]),
      ...(end.childrenLeft === 0 ? [] : [`${end.childrenLeft} processes are left`]),
    ],
    rowsLost: end.rowsLost,
    childrenLeft: end.childrenLeft,
    exitStatus: end.exitStatus,
  };
}
