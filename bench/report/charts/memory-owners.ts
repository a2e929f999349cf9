import type { SampleRow } from '../../results/sample-columns.js';
import type { MemoryFigure } from '../../results/wave-figures.js';
import type { Texture, Tone } from '../embedded/report-document.js';

/** How an owner of memory is shown wherever it appears. */
export interface OwnerLook {
  readonly label: string;
  readonly tone: Tone;
  readonly texture: Texture;
}

const malloc: OwnerLook = { label: 'malloc', tone: 'vermillion', texture: 'rising' };
const jsHeap: OwnerLook = { label: 'JS heap', tone: 'orange', texture: 'plain' };
const runtimeHeap: OwnerLook = { label: 'runtime heap', tone: 'yellow', texture: 'grid' };
const other: OwnerLook = { label: 'other', tone: 'green', texture: 'level' };

/** Who owns the resident memory of the target, by column of samples.csv; stacked in this order, the first at the bottom. */
export const residentOwners = {
  native_file_bytes: { label: 'binaries, files', tone: 'sky', texture: 'plain' },
  native_stacks_bytes: { label: 'stacks', tone: 'purple', texture: 'dots' },
  native_other_bytes: other,
  js_heap_resident_bytes: jsHeap,
  managed_heap_bytes: runtimeHeap,
  native_malloc_bytes: malloc,
  unattributed_bytes: { label: 'unattributed', tone: 'grey', texture: 'falling' },
} as const satisfies Partial<Record<keyof SampleRow, OwnerLook>>;

/** Resident memory as a whole, where nobody tells who owns it. */
export const undividedMemory: OwnerLook = { label: 'RSS', tone: 'sky', texture: 'plain' };

/** What the kernel holds for the connections of the whole machine, by column of samples.csv. */
export const kernelOwners = {
  kernel_sockets_bytes: { label: 'sockets', tone: 'blue', texture: 'plain' },
  kernel_tcp_buffers_bytes: { label: 'TCP buffers', tone: 'yellow', texture: 'rising' },
} as const satisfies Partial<Record<keyof SampleRow, OwnerLook>>;

/** Who owns the private memory at a floor; together they are what the verdict is about. */
export const privateOwners = {
  other_bytes: { ...other, label: 'other, stacks' },
  js_heap_resident_bytes: jsHeap,
  managed_heap_bytes: runtimeHeap,
  malloc_bytes: malloc,
} as const satisfies Partial<Record<MemoryFigure, OwnerLook>>;
