import { type InsideOwner, insideOwners } from '../results/owners.js';
import type { BytesByOwner, CellResult } from './cell-result.js';
import {
  differOnlyIn,
  type Factor,
  factorKeys,
  type FactorLevels,
  type Levels,
} from './factors.js';

/** A cell that was measured. */
export type MeasuredCell = Extract<CellResult, { state: 'measured' }>;

/** A factor, and the levels at which the memory is high. */
export interface Condition {
  readonly factor: Factor;
  readonly levels: readonly string[];
}

/** What one level of a factor takes more than that of the base, in whatever cell. */
export interface SummedEffect extends Condition {
  /** Mean over the pairs of cells that differ in this alone. */
  readonly more: BytesByOwner;
  readonly owner: InsideOwner | undefined;
}

/** What the cells say about where the memory comes from. */
export type Cause =
  /** The cells differ by less than matters. */
  | { readonly kind: 'none'; readonly held: BytesByOwner; readonly owner: InsideOwner | undefined }
  /** The memory is high in exactly those cells that meet all conditions. */
  | {
      readonly kind: 'conditions';
      readonly conditions: readonly Condition[];
      /** Factors that varied and made no difference to it. */
      readonly indifferent: readonly Factor[];
      /** Mean of the cells that meet the conditions − mean of the others. */
      readonly explained: BytesByOwner;
      /** Who holds most of it; undefined if no owner is known. */
      readonly owner: InsideOwner | undefined;
      readonly high: readonly MeasuredCell[];
    }
  /** Several factors take some each, whatever the others are. */
  | { readonly kind: 'sum'; readonly parts: readonly SummedEffect[] }
  /** No such conditions exist: the cells contradict each other, or there are too few of them. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Differences between cells below this, per connection, are not worth a cause, in bytes. */
const smallestBytes = 2048;

/** Nor are those below this share of what the least cell holds. */
const smallestShare = 0.5;

/** The same effect in several cells differs by no more than this. */
const alikeTimes = 2;

/** The gap between high and low cells must be this many times the spread within either group. */
const clearGap = 1.5;

/**
 * Names the conditions under which a connection is expensive.
 *
 * The cells are parted at the widest gap between their bytes per connection. If the expensive ones are exactly those
 * with certain levels of certain factors, that is the cause; a cell that failed leaves its place open.
 */
export function findCause(cells: readonly CellResult[], factors: FactorLevels): Cause {
  // How connections end comes after they have been held.
  const measured = cells
    .filter((cell) => cell.state === 'measured')
    .filter(({ levels }) => levels.end === factors.end[0]);
  if (measured.length < 2) return { kind: 'unknown', reason: 'fewer than two cells were measured' };
  const sorted = measured.toSorted((one, other) => one.held.whole - other.held.whole);
  const least = sorted[0]?.held.whole ?? 0;
  const most = sorted.at(-1)?.held.whole ?? 0;
  if (most - least < Math.max(smallestBytes, smallestShare * Math.max(0, least))) {
    const held = meanOf(measured.map((cell) => cell.held));
    return { kind: 'none', held, owner: largestOwner(held) };
  }
  const high = sorted.slice(widestGap(sorted));
  const low = sorted.filter((cell) => !high.includes(cell));
  const unclear = (reason: string): Cause => {
    const parts = summedEffects(measured, factors);
    return parts.length === 0 ? { kind: 'unknown', reason } : { kind: 'sum', parts };
  };
  if (!isClear(low, high)) {
    return unclear('the cells lie too close together to part the expensive ones from the others');
  }
  const conditions = conditionsOf(low, high, factors);
  if (conditions.length === 0 || low.some((cell) => meets(cell.levels, conditions))) {
    return unclear('the expensive cells have no levels in common that the others lack');
  }
  const explained = subtract(
    meanOf(high.map(({ held }) => held)),
    meanOf(low.map(({ held }) => held)),
  );
  const named = new Set(conditions.map(({ factor }) => factor));
  const indifferent = factorKeys.filter(
    (factor) => !named.has(factor) && isExercised(factor, high, high),
  );
  return {
    kind: 'conditions',
    conditions,
    indifferent,
    explained,
    owner: ownerOf(low, high),
    high,
  };
}

/** The levels that take clearly more than that of the base in each pair of cells that differ in them alone, of two or more. */
function summedEffects(measured: readonly MeasuredCell[], factors: FactorLevels): SummedEffect[] {
  return factorKeys.flatMap((factor) => {
    const [base, ...levels] = factors[factor];
    return levels.flatMap((level): SummedEffect[] => {
      const differences = measured.flatMap((cell) => {
        if (cell.levels[factor] !== level) return [];
        const without = measured.find(
          (other) => other.levels[factor] === base && differOnlyIn(factor, cell, other),
        );
        return without === undefined ? [] : [subtract(cell.held, without.held)];
      });
      const wholes = differences.map(({ whole }) => whole);
      const [least, most] = [Math.min(...wholes), Math.max(...wholes)];
      if (differences.length < 2 || least < smallestBytes || most > alikeTimes * least) return [];
      const more = meanOf(differences);
      return [{ factor, levels: [level], more, owner: largestOwner(more) }];
    });
  });
}

/** What one factor explains by itself, all others averaged. */
export interface FactorEffect {
  readonly factor: Factor;
  /** Mean bytes per connection at each level. */
  readonly means: readonly { readonly level: string; readonly held: BytesByOwner }[];
  /** Highest mean − lowest mean. */
  readonly explained: BytesByOwner;
}

/**
 * Averages the cells over all factors but one, for each factor that varies: those cells that have a counterpart which
 * differs in this factor alone.
 */
export function factorEffects(cells: readonly CellResult[], factors: FactorLevels): FactorEffect[] {
  const measured = cells.filter((cell) => cell.state === 'measured');
  return factorKeys.flatMap((factor): FactorEffect[] => {
    if (factor === 'end') return [];
    const paired = measured.filter((cell) =>
      measured.some((other) => differOnlyIn(factor, cell, other)),
    );
    const means = factors[factor].flatMap((level) => {
      const own = paired.filter((cell) => cell.levels[factor] === level);
      return own.length === 0 ? [] : [{ level, held: meanOf(own.map(({ held }) => held)) }];
    });
    if (means.length < 2) return [];
    const sorted = means.toSorted((one, other) => one.held.whole - other.held.whole);
    const [lowest, highest] = [sorted[0], sorted.at(-1)];
    if (lowest === undefined || highest === undefined) return [];
    return [{ factor, means, explained: subtract(highest.held, lowest.held) }];
  });
}

/** What stays when connections end in another way than by a close handshake. */
export interface EndEffect {
  readonly end: Levels['end'];
  /** What stays with it − what stays after close handshakes. */
  readonly keptMore: BytesByOwner;
  readonly owner: InsideOwner | undefined;
  /** Connections that the target still had open; undefined if that is not known. */
  readonly leftOpen: number | undefined;
}

/** Returns the ways to end after which clearly more stays than after close handshakes. */
export function findEndEffects(cells: readonly CellResult[]): EndEffect[] {
  const measured = cells.filter((cell) => cell.state === 'measured');
  return measured
    .filter(({ levels }) => levels.end !== 'close')
    .flatMap((cell): EndEffect[] => {
      const base = measured.find(
        (other) => other.levels.end === 'close' && differOnlyIn('end', cell, other),
      );
      if (base === undefined) return [];
      const keptMore = subtract(cell.kept, base.kept);
      const needed = Math.max(smallestBytes, smallestShare * Math.max(0, base.kept.whole));
      if (keptMore.whole < needed) return [];
      const { end } = cell.levels;
      return [{ end, keptMore, owner: largestOwner(keptMore), leftOpen: cell.leftOpen }];
    });
}

/** The cells whose connections take least and most. */
interface Extremes {
  readonly cheap: MeasuredCell | undefined;
  readonly dear: MeasuredCell | undefined;
}

/** Finds the extremes of those cells that can be compared by what was counted: of the C library's own allocator. */
export function findExtremes(cells: readonly CellResult[]): Extremes {
  const sorted = cells
    .filter((cell) => cell.state === 'measured')
    .filter(({ levels }) => levels.allocator !== 'jemalloc' && levels.end === 'close')
    .toSorted((one, other) => other.held.whole - one.held.whole);
  return { cheap: sorted.at(-1), dear: sorted[0] };
}

/** Factors that were varied, but can't have had an effect, and why. */
export function findUnexercised(cells: readonly CellResult[]): Map<Factor, string> {
  const measured = cells.filter((cell) => cell.state === 'measured');
  const found = new Map<Factor, string>();
  const deflated = measured.filter(({ levels }) => levels.deflate === 'on');
  if (deflated.length > 0 && deflated.every(({ compressed }) => compressed === 0)) {
    found.set('deflate', 'no message was compressed, so this says nothing about compression');
  }
  const asked = measured.filter(({ levels }) => levels.messages === 'echo');
  if (asked.length > 0 && asked.every(({ answered }) => answered === 0)) {
    found.set('messages', 'the server answered no message, so this says little about messages');
  }
  return found;
}

/** Returns the mean of each owner that all have. */
export function meanOf(parts: readonly BytesByOwner[]): BytesByOwner {
  const mean = (pick: (part: BytesByOwner) => number): number =>
    parts.reduce((sum, part) => sum + pick(part), 0) / parts.length;
  const found: Partial<Record<InsideOwner, number>> = {};
  for (const owner of insideOwners) {
    if (parts.every((part) => part[owner] !== undefined)) {
      found[owner] = mean((part) => part[owner] ?? 0);
    }
  }
  return { whole: mean((part) => part.whole), ...found };
}

function subtract(from: BytesByOwner, what: BytesByOwner): BytesByOwner {
  const found: Partial<Record<InsideOwner, number>> = {};
  for (const owner of insideOwners) {
    const [one, other] = [from[owner], what[owner]];
    if (one !== undefined && other !== undefined) found[owner] = one - other;
  }
  return { whole: from.whole - what.whole, ...found };
}

/** Index of the first cell above the widest gap. */
function widestGap(sorted: readonly MeasuredCell[]): number {
  let [at, widest] = [1, -Infinity];
  for (let index = 1; index < sorted.length; index++) {
    const gap = (sorted[index]?.held.whole ?? 0) - (sorted[index - 1]?.held.whole ?? 0);
    if (gap > widest) [at, widest] = [index, gap];
  }
  return at;
}

function isClear(low: readonly MeasuredCell[], high: readonly MeasuredCell[]): boolean {
  const wholes = (cells: readonly MeasuredCell[]): number[] => cells.map(({ held }) => held.whole);
  const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
  const gap = Math.min(...wholes(high)) - Math.max(...wholes(low));
  return gap * clearGap >= Math.max(spread(wholes(low)), spread(wholes(high)));
}

/** For each factor that an expensive cell would be cheap with another level of: the levels of the expensive cells. */
function conditionsOf(
  low: readonly MeasuredCell[],
  high: readonly MeasuredCell[],
  factors: FactorLevels,
): Condition[] {
  return factorKeys.flatMap((factor): Condition[] => {
    if (!isExercised(factor, high, low)) return [];
    const levels = factors[factor].filter((level) =>
      high.some((cell) => cell.levels[factor] === level),
    );
    return levels.length < factors[factor].length ? [{ factor, levels }] : [];
  });
}

/** Tells whether two cells were measured that differ in this factor alone, one in each group. */
function isExercised(
  factor: Factor,
  some: readonly MeasuredCell[],
  others: readonly MeasuredCell[],
): boolean {
  return some.some((one) => others.some((other) => differOnlyIn(factor, one, other)));
}

function meets(levels: Levels, conditions: readonly Condition[]): boolean {
  return conditions.every(({ factor, levels: wanted }) => wanted.includes(levels[factor]));
}

/**
 * Who holds what the expensive cells hold more. jemalloc takes its memory from mappings that can't be told from other
 * anonymous ones, so its cells are asked only if there are no others.
 */
function ownerOf(
  low: readonly MeasuredCell[],
  high: readonly MeasuredCell[],
): InsideOwner | undefined {
  const isTelling = ({ levels }: MeasuredCell): boolean => levels.allocator !== 'jemalloc';
  const [lowTelling, highTelling] = [low.filter(isTelling), high.filter(isTelling)];
  const isEnough = lowTelling.length > 0 && highTelling.length > 0;
  const [less, more] = isEnough ? [lowTelling, highTelling] : [low, high];
  const heldBy = (cells: readonly MeasuredCell[]): BytesByOwner =>
    meanOf(cells.map(({ held }) => held));
  return largestOwner(subtract(heldBy(more), heldBy(less)));
}

function largestOwner(bytes: BytesByOwner): InsideOwner | undefined {
  const known = insideOwners.filter((owner) => bytes[owner] !== undefined);
  return known.toSorted((one, other) => (bytes[other] ?? 0) - (bytes[one] ?? 0))[0];
}
