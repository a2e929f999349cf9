import { formatBytes } from '../../program/quantities.js';
import type { FloorFacts } from '../measure/floor.js';
import { liveSourceNames, liveSources } from '../results/live-memory.js';
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

/** Splits what is kept at the last floor; undefined if nothing could be counted, or no wave has ended. */
export function splitKeptMemory({ floors }: Pick<JudgedRecord, 'floors'>): KeptMemory | undefined {
  const [first, last] = [floors[0], floors.at(-1)];
  if (first === undefined || last === undefined || floors.length < 2) return undefined;
  const counted = liveSourceNames.filter(
    (source) =>
      source !== 'array_buffers' &&
      first.live[source] !== undefined &&
      last.live[source] !== undefined,
  );
  if (counted.length === 0) return undefined;
  const held = (floor: FloorFacts): number =>
    counted.reduce((sum, source) => sum + (floor.live[source]?.bytes ?? 0), 0);
  const { malloc: before } = first;
  const { malloc: after } = last;
  const isKnown = before !== undefined && after !== undefined;
  return {
    heldBytes: held(last) - held(first),
    freeBytes: isKnown
      ? after.freePagesBytes + after.topBytes - before.freePagesBytes - before.topBytes
      : undefined,
    piecesBytes: isKnown ? after.freePiecesBytes - before.freePiecesBytes : undefined,
  };
}

/** Says how much of what stays the program holds, and how much is free; undefined if nobody has counted it. */
export function describeSplit(record: JudgedRecord): string | undefined {
  const split = splitKeptMemory(record);
  if (split === undefined) return undefined;
  const { heldBytes, freeBytes, piecesBytes } = split;
  const things = liveSourceNames
    .filter((source) => record.floors.every(({ live }) => live[source] !== undefined))
    .map((source) => liveSources[source].things);
  const parts = [
    heldBytes <= 0
      ? `the program holds no more than at the baseline (counted: ${things.join(', ')})`
      : `the program holds ${formatBytes(heldBytes)} more than at the baseline (counted: ${things.join(', ')})`,
    ...(freeBytes === undefined || freeBytes <= 0
      ? []
      : [`the allocator keeps ${formatBytes(freeBytes)} free`]),
    ...(piecesBytes === undefined || piecesBytes <= 0
      ? []
      : [`${formatBytes(piecesBytes)} are free in pieces between used blocks`]),
  ];
  return parts.join(', ');
}
