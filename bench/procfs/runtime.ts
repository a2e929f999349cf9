import { basename } from 'node:path';
import type { MemoryMapping } from './memory-map.js';

/** A language runtime with a heap of its own, inside the anonymous memory of its process. */
export type Runtime = 'v8' | 'jvm' | 'go';

const v8Programs: ReadonlySet<string> = new Set(['node', 'nodejs', 'deno']);

/**
 * Go takes its heap from these addresses on, in arenas of 64 MiB, and no other program is mapped there
 * (`mallocinit()` in `runtime/malloc.go`, for 64-bit Linux).
 */
const goHeap = { start: 0xc000000000, end: 0xd000000000 };

/** Tells which runtime a process is, by its memory map; undefined if it is none that has a heap we know. */
export function findRuntime(mappings: readonly MemoryMapping[]): Runtime | undefined {
  for (const mapping of mappings) {
    if (isGoHeap(mapping)) return 'go';
    const name = basename(mapping.path);
    if (name === 'libjvm.so') return 'jvm';
    if (v8Programs.has(name) || name.startsWith('libnode.so')) return 'v8';
  }
  return undefined;
}

/** Tells whether a mapping belongs to the heap of Go. */
export function isGoHeap({ start, end, path }: MemoryMapping): boolean {
  return path === '' && start >= goHeap.start && end <= goHeap.end;
}
