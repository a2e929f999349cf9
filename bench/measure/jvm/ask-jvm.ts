import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type HeapRange, parseHeapRange } from './heap-range.js';
import { type NativeMemory, parseNativeMemory } from './native-memory.js';

const run = promisify(execFile);

/** Longest wait for a JVM, which answers at a safepoint. Each question starts a JVM of its own: some 0.3 s of CPU. */
const timeoutMs = 10_000;

/** Asks a JVM for the addresses of its heap; undefined without `jcmd`, or if the JVM does not answer it. */
export async function readHeapRange(pid: number): Promise<HeapRange | undefined> {
  return parseHeapRange((await ask(pid, ['GC.heap_info'])) ?? '');
}

/** Asks a JVM for its native memory; undefined without `jcmd`, or if the JVM does not track it. */
export async function readNativeMemory(pid: number): Promise<NativeMemory | undefined> {
  return parseNativeMemory((await ask(pid, ['VM.native_memory', 'summary', 'scale=b'])) ?? '');
}

async function ask(pid: number, command: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run('jcmd', [String(pid), ...command], { timeout: timeoutMs });
    return stdout;
  } catch {
    // No JDK here, another user's JVM, or one that has just ended: its heap then counts as other memory.
    return undefined;
  }
}
