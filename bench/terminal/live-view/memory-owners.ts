import { bytesOfOwner, type InsideOwner, insideOwners, owners } from '../../results/owners.js';
import type { SampleRow } from '../../results/sample-columns.js';

/** The owners that have a line of their own; all else in the target is `other native`. */
const ownLines = insideOwners.filter((owner) => owner !== 'other');

type OwnLine = (typeof owners)[Exclude<InsideOwner, 'other'>]['label'];

/** What the live view calls an owner. */
export type MemoryOwner = 'RSS' | OwnLine | 'other native' | 'kernel';

/** Who holds memory, in the words and the order of the live view, and how much it is in a row of samples.csv. */
export const memoryOwners: Readonly<Record<MemoryOwner, (row: SampleRow) => number | undefined>> = {
  RSS: (row) => row.rss_bytes,
  ...(Object.fromEntries(
    ownLines.map((owner) => [owners[owner].label, (row: SampleRow) => bytesOfOwner(row, owner)]),
  ) as Record<OwnLine, (row: SampleRow) => number | undefined>),
  // Stacks, binaries, libraries and all other mappings: with the lines above it adds up to RSS.
  'other native': otherNative,
  // Of the whole machine, and in no process's RSS.
  kernel: (row) => bytesOfOwner(row, 'kernel'),
};

/** The keys of {@link memoryOwners}, in their order. */
export const memoryOwnerNames = Object.keys(memoryOwners) as readonly MemoryOwner[];

function otherNative(row: SampleRow): number | undefined {
  const { rss_bytes: rss, native_bytes: native, native_malloc_bytes: malloc } = row;
  if (rss === undefined || native === undefined || malloc === undefined) return undefined;
  return ownLines.reduce((rest, owner) => rest - (bytesOfOwner(row, owner) ?? 0), rss);
}
