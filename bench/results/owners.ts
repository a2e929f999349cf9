import type { SampleRow } from './sample-columns.js';

/** A column of samples.csv that holds bytes. */
type BytesColumn = Extract<keyof SampleRow, `${string}_bytes`>;

/** Who holds memory, how much of it, and what people call it. */
interface OwnerDefinition {
  /**
   * `inside` the target and private to it: together they are its private memory, and what the verdict is about; `files`,
   * which other programs share; the `kernel`, whose memory is that of the whole machine and in no process's RSS; and what is
   * a `part` of the others, and no further memory.
   */
  readonly place: 'inside' | 'files' | 'kernel' | 'part';
  /** Its columns of samples.csv, which add up; none for what is only counted at floors. */
  readonly columns: readonly BytesColumn[];
  /** Its memory figure in summary.json, for floors and holds. */
  readonly figure: `${string}_bytes`;
  /** Its bytes per connection in summary.json. */
  readonly perConnection: `${string}_bytes_per_connection`;
  readonly label: string;
  readonly inSentence: string;
  /** Whether garbage that V8 has not collected may be part of it: a heap that does not tell its size counts as other. */
  readonly mayHoldGarbage: boolean;
  /** How the report draws it. */
  readonly tone: 'vermillion' | 'orange' | 'yellow' | 'green' | 'sky' | 'blue';
  readonly texture: 'plain' | 'rising' | 'grid' | 'level';
}

/**
 * Every owner of memory, in the order in which all tables show them: verdict, terminal, live view, report, compare and
 * diagnose read from here. One that is added here, with its column, shows in all of them.
 */
export const owners = {
  js_heap: {
    place: 'inside',
    columns: ['js_heap_resident_bytes'],
    figure: 'js_heap_resident_bytes',
    perConnection: 'js_bytes_per_connection',
    label: 'JS heap',
    inSentence: 'the JS heap',
    mayHoldGarbage: true,
    tone: 'orange',
    texture: 'plain',
  },
  managed_heap: {
    place: 'inside',
    columns: ['managed_heap_bytes'],
    figure: 'managed_heap_bytes',
    perConnection: 'managed_heap_bytes_per_connection',
    label: 'runtime heap',
    inSentence: 'the heap of the runtime',
    mayHoldGarbage: false,
    tone: 'yellow',
    texture: 'grid',
  },
  malloc: {
    place: 'inside',
    columns: ['native_malloc_bytes'],
    figure: 'malloc_bytes',
    perConnection: 'malloc_bytes_per_connection',
    label: 'malloc',
    inSentence: 'malloc',
    mayHoldGarbage: false,
    tone: 'vermillion',
    texture: 'rising',
  },
  array_buffers: {
    place: 'part',
    columns: ['js_array_buffers_bytes'],
    figure: 'array_buffers_bytes',
    perConnection: 'array_buffers_bytes_per_connection',
    label: 'of it ArrayBuffers',
    inSentence: 'ArrayBuffers and Buffers, which lie in malloc',
    mayHoldGarbage: true,
    tone: 'vermillion',
    texture: 'grid',
  },
  python_objects: {
    place: 'part',
    columns: [],
    figure: 'python_objects_bytes',
    perConnection: 'python_objects_bytes_per_connection',
    label: 'of it Python objects',
    inSentence: 'Python objects, which lie in malloc and in other memory',
    mayHoldGarbage: true,
    tone: 'green',
    texture: 'grid',
  },
  other: {
    place: 'inside',
    columns: ['native_stacks_bytes', 'native_other_bytes'],
    figure: 'other_bytes',
    perConnection: 'other_bytes_per_connection',
    label: 'other, stacks',
    inSentence: 'other anonymous memory',
    mayHoldGarbage: true,
    tone: 'green',
    texture: 'level',
  },
  files: {
    place: 'files',
    columns: ['native_file_bytes'],
    figure: 'file_bytes',
    perConnection: 'file_bytes_per_connection',
    label: 'binaries, files',
    inSentence: 'binaries and libraries',
    mayHoldGarbage: false,
    tone: 'sky',
    texture: 'plain',
  },
  kernel: {
    place: 'kernel',
    columns: ['kernel_sockets_bytes', 'kernel_tcp_buffers_bytes'],
    figure: 'kernel_bytes',
    perConnection: 'kernel_bytes_per_connection',
    label: 'kernel',
    inSentence: 'the kernel',
    mayHoldGarbage: false,
    tone: 'blue',
    texture: 'plain',
  },
} as const satisfies Readonly<Record<string, OwnerDefinition>>;

/** A key of {@link owners}. */
export type Owner = keyof typeof owners;

/** An owner inside the target. */
export type InsideOwner = {
  [Key in Owner]: (typeof owners)[Key]['place'] extends 'inside' ? Key : never;
}[Owner];

/** The keys of {@link owners}, in their order. */
export const ownerKeys = Object.keys(owners) as readonly Owner[];

/** The owners inside the target, whose parts add up to its private memory. */
export const insideOwners = ownerKeys.filter(
  (owner): owner is InsideOwner => owners[owner].place === 'inside',
);

/** Returns what an owner holds in a row of samples.csv, in bytes; undefined if part of it is not known. */
export function bytesOfOwner(row: SampleRow, owner: Owner): number | undefined {
  const parts: readonly (number | undefined)[] = owners[owner].columns.map((name) => row[name]);
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 || known.length < parts.length
    ? undefined
    : known.reduce((sum, part) => sum + part, 0);
}
