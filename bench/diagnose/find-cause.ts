import { type InsideOwner, insideOwners } from '../results/owners.js';
import type { BytesByOwner, CellResult, Factor, FactorLevels, Levels } from './cell-result.js';

/** A cell that was measured. */
export type MeasuredCell = Extract<CellResult, { state: 'measured' }>;

/** A factor, and the levels at which the memory is high. */
export interface Condition {
  readonly factor: Factor;
  readonly levels: readonly string[];
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
  /** No such conditions exist: the cells contradict each other, or there are too few of them. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Differences between cells below this, per connection, are not worth a cause, in bytes. */
const smallestBytes = 2048;

/** Nor are those below this share of what the least cell holds. */
const smallestShare = 0.5;

/** The gap between high and low cells must be this many times the spread within either group. */
const clearGap = 1.5;

/**
 * Names the conditions under which a connection is expensive.
 *
 * The cells are parted at the widest gap between their bytes per connection. If the expensive ones are exactly those
 * with certain levels of certain factors, that is the cause; a cell that failed leaves its place open.
 */
export function findCause(cells: readonly CellResult[], factors: FactorLevels): Cause {
  const measured = cells.filter((cell) => cell.state === 'measured');
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
  if (!isClear(low, high)) {
    return {
      kind: 'unknown',
      reason: 'the cells lie too close together to part the expensive ones from the others',
    };
  }
  const conditions = conditionsOf(high, factors);
  if (conditions.length === 0 || low.some((cell) => meets(cell.levels, conditions))) {
    return {
      kind: 'unknown',
      reason: 'the expensive cells have no levels in common that the others lack',
    };
  }
  const explained = subtract(
    meanOf(high.map(({ held }) => held)),
    meanOf(low.map(({ held }) => held)),
  );
  const named = new Set(conditions.map(({ factor }) => factor));
  const indifferent = factorNames(factors).filter(
    (factor) => factors[factor].length > 1 && !named.has(factor),
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

/** What one factor explains by itself, all others averaged. */
export interface FactorEffect {
  readonly factor: Factor;
  /** Mean bytes per connection at each level. */
  readonly means: readonly { readonly level: string; readonly held: BytesByOwner }[];
  /** Highest mean − lowest mean. */
  readonly explained: BytesByOwner;
}

/** Averages the cells over all factors but one, for each factor that varies. */
export function factorEffects(cells: readonly CellResult[], factors: FactorLevels): FactorEffect[] {
  const measured = cells.filter((cell) => cell.state === 'measured');
  return factorNames(factors).flatMap((factor): FactorEffect[] => {
    const means = factors[factor].flatMap((level) => {
      const own = measured.filter((cell) => cell.levels[factor] === level);
      return own.length === 0 ? [] : [{ level, held: meanOf(own.map(({ held }) => held)) }];
    });
    if (means.length < 2) return [];
    const sorted = means.toSorted((one, other) => one.held.whole - other.held.whole);
    const [lowest, highest] = [sorted[0], sorted.at(-1)];
    if (lowest === undefined || highest === undefined) return [];
    return [{ factor, means, explained: subtract(highest.held, lowest.held) }];
  });
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

/** For each factor that varies: the levels of the expensive cells, if they are not all. */
function conditionsOf(high: readonly MeasuredCell[], factors: FactorLevels): Condition[] {
  return factorNames(factors).flatMap((factor): Condition[] => {
    const levels = factors[factor].filter((level) =>
      high.some((cell) => cell.levels[factor] === level),
    );
    return levels.length < factors[factor].length ? [{ factor, levels }] : [];
  });
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

function factorNames(factors: FactorLevels): Factor[] {
  return Object.keys(factors) as Factor[];
}
