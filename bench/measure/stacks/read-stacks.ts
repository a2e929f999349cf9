import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { messageOf, RunError } from '../../../program/failure.js';
import { addAmount, addKind, type CountedKind, type Sites } from '../../results/live-memory.js';
import { HeaptrackTrace, type TracedBlocks } from './heaptrack-trace.js';
import { nameNativeStack } from './name-native-stack.js';

/** How much of the end of a trace is read to find its last time; heaptrack writes one every 10 ms. */
const tailBytes = 256 * 1024;

/** Longest time to interpret one trace, in milliseconds. */
const interpretTimeoutMs = 10 * 60_000;

/** The blocks of malloc that were alive at a moment. Those of heaptrack itself, which a census counts too, are not among them. */
export interface TracedMalloc {
  /** With malloc's headers. */
  readonly bytes: number;
  /** By size, header included, in bytes. */
  readonly kinds: ReadonlyMap<string, CountedKind>;
  /** By the functions that have allocated them. */
  readonly sites: Sites;
}

/**
 * Tells which blocks of malloc were alive at some moments, and where they were allocated, in all processes together.
 * @param files traces as heaptrack wrote them, of processes that have ended
 * @param interpreter path of `heaptrack_interpret`
 * @param moments in milliseconds since 1970, ascending
 * @returns one for each moment
 * @throws {RunError} if a trace can't be interpreted.
 */
export async function readStacks(
  files: readonly string[],
  interpreter: string,
  moments: readonly number[],
): Promise<readonly TracedMalloc[]> {
  const sums = moments.map(() => ({
    kinds: new Map<string, CountedKind>(),
    bytes: new Map<string, number>(),
    counts: new Map<string, number>(),
  }));
  for (const file of files) {
    const alive = await readTrace(file, interpreter, moments);
    const names = new Map<TracedBlocks['stack'], string>();
    for (const [index, { kinds, bytes, counts }] of sums.entries()) {
      for (const { stack, size, count } of alive[index] ?? []) {
        const site = names.get(stack) ?? nameNativeStack(stack);
        names.set(stack, site);
        const block = blockSize(size);
        addKind(kinds, String(block), { count, bytes: count * block });
        addAmount(bytes, site, count * block);
        addAmount(counts, site, count);
      }
    }
  }
  return sums.map(({ kinds, bytes, counts }) => ({
    bytes: [...bytes.values()].reduce((sum, each) => sum + each, 0),
    kinds,
    sites: { everyBytes: 1, bytes, counts },
  }));
}

async function readTrace(
  file: string,
  interpreter: string,
  moments: readonly number[],
): Promise<readonly (readonly TracedBlocks[])[]> {
  const input = openSync(file, 'r');
  try {
    const startMs = findStart(input);
    if (startMs === undefined) return [];
    const trace = new HeaptrackTrace(moments.map((moment) => moment - startMs));
    await interpret(input, interpreter, trace);
    trace.end();
    return trace.alive;
  } finally {
    closeSync(input);
  }
}

/**
 * When a trace began, in milliseconds since 1970: its last time is counted from there and was written when the file was last
 * changed. Undefined for a trace without a time: its program ended at once.
 */
function findStart(file: number): number | undefined {
  const { size, mtimeMs } = fstatSync(file);
  const tail = Buffer.alloc(Math.min(size, tailBytes));
  readSync(file, tail, 0, tail.length, size - tail.length);
  const times = [...tail.toString('latin1').matchAll(/^c ([\da-f]+)$/gm)];
  const last = times.at(-1)?.[1];
  return last === undefined ? undefined : mtimeMs - parseInt(last, 16);
}

async function interpret(input: number, interpreter: string, trace: HeaptrackTrace): Promise<void> {
  const program = spawn(interpreter, {
    stdio: [input, 'pipe', 'pipe'],
    timeout: interpretTimeoutMs,
  });
  const ended = new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => {
      reject(
        new RunError(`Cannot read the stacks that heaptrack has traced: ${interpreter} ${why}`),
      );
    };
    program.on('error', (error) => {
      fail(messageOf(error));
    });
    program.on('close', (code, signal) => {
      if (code === 0) resolve();
      else fail(signal === null ? `ended with status ${code ?? 0}` : `was killed by ${signal}`);
    });
  });
  // Its statistics; unread, they would block it.
  program.stderr?.resume();
  program.stdout?.setEncoding('utf8');
  let rest = '';
  // Not by readline, which takes several times as long for millions of lines.
  program.stdout?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) trace.readLine(line);
  });
  await ended;
}

/** What glibc takes for a block: its header of 8 bytes, rounded up to 16, and 32 at least (`request2size` of malloc.c). */
function blockSize(bytes: number): number {
  return Math.max(32, Math.ceil((bytes + 8) / 16) * 16);
}
