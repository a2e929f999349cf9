import type { MallocCensus } from '../../machine/malloc/census.js';
import { formatBytes } from '../../program/quantities.js';
import { nameSources, sourcesOfAll, totalHeld } from '../results/live-memory.js';
import type { JudgedRecord } from './run-record.js';

/** What is kept at the last floor beyond the baseline, as far as it was counted, in bytes. */
export interface KeptMemory {
  /** By the program: it has not freed it, or something still refers to it. */
  readonly heldBytes: number;
  /** By glibc's malloc, free in whole pages or at the end of a heap: it could be given back. */
  readonly freeBytes: number | undefined;
  /** By glibc's malloc, free between blocks that are in use: no page of it is free as a whole. */
  readonly piecesBytes: number | undefined;
}

/**
 * Splits what is kept at the last floor; undefined if nothing could be counted, or no wave has ended. Free memory need not be
 * resident, so no more of it is reported as kept than what stays and is not held.
 * @param record of the run
 * @param record.floors what was found at the baseline and after each wave
 * @param retainedBytes resident memory at the last floor beyond the baseline
 */
export function splitKeptMemory(
  { floors }: Pick<JudgedRecord, 'floors'>,
  retainedBytes: number,
): KeptMemory | undefined {
  const [first, last] = [floors[0], floors.at(-1)];
  if (first === undefined || last === undefined || floors.length < 2) return undefined;
  const counted = sourcesOfAll(floors.map(({ live }) => live));
  if (counted.length === 0) return undefined;
  const heldBytes = Math.max(0, totalHeld(last.live, counted) - totalHeld(first.live, counted));
  const [before, after] = [first.malloc, last.malloc];
  if (before === undefined || after === undefined) {
    return { heldBytes, freeBytes: undefined, piecesBytes: undefined };
  }
  const free = ({ freePagesBytes, topBytes }: MallocCensus): number => freePagesBytes + topBytes;
  const unheldBytes = Math.max(0, retainedBytes - heldBytes);
  const piecesBytes = Math.min(
    unheldBytes,
    Math.max(0, after.freePiecesBytes - before.freePiecesBytes),
  );
  return {
    heldBytes,
    freeBytes: Math.min(unheldBytes - piecesBytes, Math.max(0, free(after) - free(before))),
    piecesBytes,
  };
}

/** Says how much of what stays the program holds, and how much is free; undefined if it was not counted. */
export function describeSplit(
  record: Pick<JudgedRecord, 'floors'>,
  retainedBytes: number,
): string | undefined {
  const split = splitKeptMemory(record, retainedBytes);
  if (split === undefined) return undefined;
  const { heldBytes, freeBytes = 0, piecesBytes = 0 } = split;
  const sources = sourcesOfAll(record.floors.map(({ live }) => live));
  const counted = `(counted: ${nameSources(sources)})`;
  if (heldBytes + freeBytes + piecesBytes === 0) return `the program holds none of it ${counted}`;
  const parts: readonly (readonly [number, string])[] = [
    [freeBytes, `the allocator keeps ${formatBytes(freeBytes)} of it, free`],
    [heldBytes, `the program holds ${formatBytes(heldBytes)} of it ${counted}`],
    [piecesBytes, `${formatBytes(piecesBytes)} are free in pieces between used blocks`],
  ];
  return parts
    .filter(([bytes]) => bytes > 0)
    .toSorted(([one], [other]) => other - one)
    .map(([, text]) => text)
    .join(', ');
}
