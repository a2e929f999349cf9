import { owners } from '../results/owners.js';
import type { SampleRow } from '../results/sample-columns.js';
import type { JudgedOwner } from '../results/summary.js';
import type { Headroom } from './judge-floors.js';

/** Largest semi-space of V8's young generation on 64-bit systems (`--max-semi-space-size`), in bytes per process. */
const semiSpaceBytes = 16 * 1024 * 1024;

/** The most that allocators reserve at a time: an arena of glibc, Go or the JVM, or a segment of mimalloc. */
const arenaBytes = 64 * 1024 * 1024;

/**
 * Returns by how much an owner's resident memory may rise without a leak, where what is alive in it can't be counted.
 *
 * - The heap of the JVM or of Go: a collector lets it grow to twice what was alive at the last collection (`GOGC=100`), so
 *   by as much as the connections took.
 * - The heap of V8: garbage in its semi-spaces.
 * - malloc and other memory: an arena that is not used up.
 */
export function headroomOf(
  owner: JudgedOwner,
  rows: readonly SampleRow[],
  isGarbageCollected: boolean,
): Headroom | undefined {
  const processes = Math.max(1, ...rows.map((row) => row.target_processes ?? 1));
  const isV8 = rows.some((row) => row.js_heap_resident_bytes !== undefined);
  const mayBeV8 = isV8 || rows.some((row) => row.native_bytes === undefined);
  switch (owner) {
    case 'managed_heap': {
      const heap = rows.map((row) => row.managed_heap_bytes ?? 0);
      return {
        bytes: Math.max(0, ...heap) - Math.min(...heap),
        what: 'what the collector keeps for the next connections',
        cure: 'let the objects be counted: a JVM by jcmd of its JDK, a Go program that serves net/http/pprof',
      };
    }
    case 'js_heap':
    case 'array_buffers':
    case 'python_objects':
      return isGarbageCollected ? undefined : garbageOf(processes);
    case 'malloc':
    case 'other':
      if (owners[owner].mayHoldGarbage && mayBeV8 && !isGarbageCollected) {
        return { ...garbageOf(processes), bytes: semiSpaceBytes * processes + arenaBytes };
      }
      return {
        bytes: arenaBytes,
        what: 'an arena that an allocator has not used up',
        cure: 'run it on glibc, as a user who may read its memory, so that its blocks can be counted',
      };
    case 'whole':
    case 'files':
    case 'kernel':
      return undefined;
  }
}

function garbageOf(processes: number): Headroom {
  return {
    bytes: semiSpaceBytes * processes,
    what: 'garbage that was not collected',
    cure: 'have the bench start the server, or let it ask a Node program with --attach (a tidemark server with --admin-url)',
  };
}
