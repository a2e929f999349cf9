import type { SampleRow } from '../../results/sample-columns.js';

/** Who holds memory, in the words and the order of the live view, and how much it is in a row of samples.csv. */
export const memoryOwners = {
  RSS: (row: SampleRow) => row.rss_bytes,
  'JS heap': (row: SampleRow) => row.js_heap_resident_bytes,
  'runtime heap': (row: SampleRow) => row.managed_heap_bytes,
  malloc: (row: SampleRow) => row.native_malloc_bytes,
  // Stacks, binaries, libraries and all other mappings: with the heaps and malloc it adds up to RSS.
  'other native': ({ native_bytes: native, native_malloc_bytes: malloc }: SampleRow) =>
    native === undefined || malloc === undefined ? undefined : native - malloc,
  // Of the whole machine, and in no process's RSS.
  kernel: ({ kernel_sockets_bytes: sockets, kernel_tcp_buffers_bytes: buffers }: SampleRow) =>
    sockets === undefined || buffers === undefined ? undefined : sockets + buffers,
} as const satisfies Readonly<Record<string, (row: SampleRow) => number | undefined>>;

/** A key of {@link memoryOwners}. */
export type MemoryOwner = keyof typeof memoryOwners;

/** The keys of {@link memoryOwners}, in their order. */
export const memoryOwnerNames = Object.keys(memoryOwners) as readonly MemoryOwner[];
