import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CountedKind } from '../../results/live-memory.js';
import {
  type HeapRange,
  parseClassHistogram,
  parseHeapRange,
  parseNativeMemory,
} from './parse-jcmd.js';
import { type NativeMemory } from '../../results/summary.js';

/** Where the heaps of JVMs are. They don't move, so each JVM is asked once. */
export class JvmHeaps {
  readonly #ranges = new Map<number, Promise<HeapRange | undefined>>();

  /** Returns the addresses of the heap of a JVM; undefined if it could not be asked. */
  rangeOf(pid: number): Promise<HeapRange | undefined> {
    const known = this.#ranges.get(pid);
    if (known !== undefined) return known;
    const asked = readHeapRange(pid);
    this.#ranges.set(pid, asked);
    return asked;
  }

  /** The JVMs that have been seen. */
  get pids(): readonly number[] {
    return [...this.#ranges.keys()];
  }
}

const run = promisify(execFile);

/** Longest wait for a JVM, which answers at a safepoint. Each question starts another JVM: some 0.3 s of CPU. */
const timeoutMs = 10_000;

/** A histogram has a line of some 80 bytes for each class, and large programs have 50,000 classes. */
const mostOutputBytes = 16 * 1024 * 1024;

/** Asks a JVM for the addresses of its heap; undefined without `jcmd`, or if the JVM does not answer it. */
export async function readHeapRange(pid: number): Promise<HeapRange | undefined> {
  return parseHeapRange((await ask(pid, ['GC.heap_info'])) ?? '');
}

/** Asks a JVM for its native memory; undefined without `jcmd`, or if the JVM does not track it. */
export async function readNativeMemory(pid: number): Promise<NativeMemory | undefined> {
  return parseNativeMemory((await ask(pid, ['VM.native_memory', 'summary', 'scale=b'])) ?? '');
}

/**
 * Makes a JVM collect its garbage, and returns what is alive, by class; undefined without `jcmd`, or if the JVM does not answer.
 * The JVM stands still meanwhile, for some 0.1 s per 100 MB that are alive.
 */
export async function readClassHistogram(
  pid: number,
): Promise<ReadonlyMap<string, CountedKind> | undefined> {
  return parseClassHistogram((await ask(pid, ['GC.class_histogram'])) ?? '');
}

/** Makes the malloc of a JVM give back to the kernel what is free (JDK 17 and newer); resolves to whether it did. */
export async function trimNativeHeap(pid: number): Promise<boolean> {
  return /Trim native heap/.test((await ask(pid, ['System.trim_native_heap'])) ?? '');
}

async function ask(pid: number, command: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run('jcmd', [String(pid), ...command], {
      timeout: timeoutMs,
      maxBuffer: mostOutputBytes,
    });
    return stdout;
  } catch {
    // No JDK here, another user's JVM, or one that has just ended: its heap then counts as other memory.
    return undefined;
  }
}
