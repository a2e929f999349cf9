import { formatBytes, formatCount } from '../../program/quantities.js';
import { owners } from '../results/owners.js';
import type { OwnerJudgement } from '../results/summary.js';
import type { MallocCensus } from '../../machine/malloc/census.js';
import { withVerdict } from './judge-run.js';
import type { RunRecord } from './run-record.js';

/** Sizes of blocks that are named at most. */
const mostSizes = 3;

/** A size counts as rising with connections from so many bytes per connection on: what floors have to rise by, too. */
const leastBytesPerConnection = 32;

/** Rises are told from so many floors after the first on: one alone may be what is kept once. */
const leastFloors = 2;

/** A size of block of which there are more with every wave. */
export interface RisingBlocks {
  /** Size of the block in bytes, header included. */
  readonly bytes: number;
  readonly perConnection: number;
}

/**
 * Returns the sizes of which the target has more blocks at each floor than at the one before, by how much they come to. The first
 * wave is left out, as it fills what is kept once.
 */
export function findRisingBlocks(record: RunRecord): readonly RisingBlocks[] {
  const [first, ...later] = record.floors.slice(1).map(({ malloc }) => malloc?.blocks);
  const last = later.at(-1);
  if (first === undefined || last === undefined || later.length < leastFloors) return [];
  const opened = openedSinceFirstFloor(record);
  return [...last]
    .flatMap(([bytes, count]): RisingBlocks[] => {
      const counts = [first, ...later].map((blocks) => blocks?.get(bytes) ?? 0);
      const isRising = counts.every(
        (each, index) => index === 0 || each > (counts[index - 1] ?? 0),
      );
      const perConnection = (count - (first.get(bytes) ?? 0)) / opened;
      return isRising && perConnection * bytes >= leastBytesPerConnection
        ? [{ bytes, perConnection }]
        : [];
    })
    .toSorted((one, other) => other.bytes * other.perConnection - one.bytes * one.perConnection)
    .slice(0, mostSizes);
}

/** Connections opened between the floor after the first wave and the last floor. */
function openedSinceFirstFloor({ waves, floors }: RunRecord): number {
  return waves
    .slice(1, floors.length - 1)
    .reduce((sum, wave) => sum + wave.connections_opened_total, 0);
}

/** Bytes that the program holds more in malloc with each connection, from the first wave on; undefined if not known. */
export function heldPerConnection(record: RunRecord): number | undefined {
  const known = record.floors.slice(1).map(({ malloc }) => malloc?.usedBytes);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || known.length <= leastFloors) return undefined;
  const opened = openedSinceFirstFloor(record);
  return opened === 0 ? undefined : (last - first) / opened;
}

/**
 * Corrects verdicts by the census: where resident malloc grows and what the program holds in it does not, the allocator
 * keeps it, free or in pieces. The whole grows only if a part of it does.
 */
export function correctByCensus(
  judgements: readonly OwnerJudgement[],
  record: RunRecord,
): OwnerJudgement[] {
  const held = heldPerConnection(record);
  const malloc = judgements.find(({ owner }) => owner === 'malloc');
  if (held === undefined || malloc?.verdict !== 'growing' || held >= leastBytesPerConnection) {
    return [...judgements];
  }
  const isElsewhere = judgements.some(
    ({ owner, verdict }) =>
      owner !== 'whole' &&
      owner !== 'malloc' &&
      owners[owner].place === 'inside' &&
      verdict === 'growing',
  );
  const rise = `${formatBytes(Math.max(0, held))} per connection`;
  const reason = `resident malloc rises, but what the program holds in it does not (${rise}): the allocator keeps it, free or in pieces`;
  return judgements.map((judgement) => {
    const isMine = judgement.owner === 'malloc' || (judgement.owner === 'whole' && !isElsewhere);
    const isCorrected = judgement.verdict === 'growing' && isMine;
    return isCorrected ? withVerdict(judgement, 'retained', reason) : judgement;
  });
}

/** Says how much of what stays in malloc the program holds, and how much is free; undefined if it is not known. */
export function describeMalloc(record: RunRecord): string | undefined {
  const [before, after] = [record.floors[0]?.malloc, record.floors.at(-1)?.malloc];
  if (before === undefined || after === undefined || record.floors.length < 2) return undefined;
  const rising = findRisingBlocks(record).map(
    ({ bytes, perConnection }) =>
      `${perConnection.toFixed(2)} × a block of ${formatCount(bytes)} B per connection`,
  );
  const held = after.usedBytes - before.usedBytes;
  const free = freeOf(after) - freeOf(before);
  const split =
    held + free <= 0
      ? []
      : [
          `of malloc, the program holds ${formatBytes(Math.max(0, held))} more than at the baseline, and ${formatBytes(Math.max(0, free))} are free, kept by the allocator`,
        ];
  const risen =
    rising.length === 0 ? [] : [`with every wave malloc has more blocks: ${rising.join(', ')}`];
  const said = [...risen, ...split];
  return said.length === 0 ? undefined : said.join('; ');
}

function freeOf({ freeBytes, topBytes }: MallocCensus): number {
  return freeBytes + topBytes;
}
