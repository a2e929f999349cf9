import { getHeapStatistics } from 'node:v8';
import type { ProcessMemory } from './documents.js';

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
