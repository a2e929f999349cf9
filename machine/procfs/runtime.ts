import { basename } from 'node:path';
import type { MemoryMapping } from './memory-map.js';

/** A language runtime with its own heap, inside the anonymous memory of its process. */
export type Runtime = 'v8' | 'jvm' | 'go';

const v8Programs: ReadonlySet<string> = new Set(['node', 'nodejs', 'deno']);

/**
 * Go takes its heap from these addresses on, in arenas of 64 MiB, the first of them at the beginning
 * (`mallocinit()` in `runtime/malloc.go`, for 64-bit Linux).
 */
const goHeap = { start: 0xc000000000, end: 0xd000000000 };

/**
 * Tells which runtime a process is, by its memory map; undefined if it is not one whose heap we know. The files of a program
 * decide, wherever its memory lies: V8 scatters its pages over all addresses.
 */
export function findRuntime(mappings: readonly MemoryMapping[]): Runtime | undefined {
  for (const { path } of mappings) {
    const name = basename(path);
    if (name === 'libjvm.so') return 'jvm';
    if (v8Programs.has(name) || name.startsWith('libnode.so')) return 'v8';
  }
  return mappings.some(({ start, path }) => path === '' && start === goHeap.start)
    ? 'go'
    : undefined;
}

/** Tells whether a mapping of a Go program belongs to its heap. */
export function isGoHeap({ start, end, path }: MemoryMapping): boolean {
  return path === '' && start >= goHeap.start && end <= goHeap.end;
}
