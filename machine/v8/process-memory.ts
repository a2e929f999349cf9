import { getHeapStatistics } from 'node:v8';

/** Memory of one process as V8 and the kernel report it (`process.memoryUsage()`, `v8.getHeapStatistics()`), in bytes. */
export interface ProcessMemory {
  readonly rss_bytes: number;
  /** Live and not yet collected objects (`used_heap_size`). */
  readonly js_heap_used_bytes: number;
  /** Committed, which is not the same as resident (`total_heap_size`). */
  readonly js_heap_total_bytes: number;
  /** Resident part of the heap (`total_physical_size`). */
  readonly js_heap_resident_bytes: number;
  /** Memory outside the heap that objects on it keep (`external_memory`). */
  readonly js_external_bytes: number;
  readonly js_array_buffers_bytes: number;
}

/** Reads the memory of this process as V8 and the kernel report it, in bytes. */
export function readProcessMemory(): ProcessMemory {
  const heap = getHeapStatistics();
  const { rss, arrayBuffers } = process.memoryUsage();
  return {
    rss_bytes: rss,
    js_heap_used_bytes: heap.used_heap_size,
    js_heap_total_bytes: heap.total_heap_size,
    js_heap_resident_bytes: heap.total_physical_size,
    js_external_bytes: heap.external_memory,
    js_array_buffers_bytes: arrayBuffers,
  };
}
