import type { CellResult } from './cell-result.js';
import { findExtremes } from './find-cause.js';
import type { Cell, FactorLevels, Levels } from './factors.js';

/**
 * Returns the cells to begin with: what is said × compression, as compression takes effect only where something is said;
 * and the base, where nothing is, with each way to end.
 */
export function planScreen(factors: FactorLevels): Cell[] {
  const base = baseOf(factors);
  const crossed = factors.deflate.flatMap((deflate) =>
    factors.messages.map((messages) => ({ ...base, messages, deflate })),
  );
  const ends = factors.end.slice(1).map((end) => ({ ...base, end }));
  return [...crossed, ...ends].map(cellOf);
}

/**
 * Returns the cells that follow from the first ones: allocator and TLS are tried where a connection costs least and where it
 * costs most, so that it shows whether they change that, without all combinations.
 */
export function planCross(results: readonly CellResult[], factors: FactorLevels): Cell[] {
  const { dear } = findExtremes(results);
  if (dear === undefined) return [];
  const corners = [baseOf(factors), dear.levels];
  const cells = corners.flatMap((corner) => [
    ...factors.allocator.slice(1).map((allocator) => ({ ...corner, allocator })),
    ...factors.tls.slice(1).map((tls) => ({ ...corner, tls })),
  ]);
  const seen = new Set(results.map(({ name }) => name));
  return cells.map(cellOf).filter(({ name }) => {
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

function baseOf({ messages, deflate, allocator, tls, end }: FactorLevels): Levels {
  return {
    messages: first(messages),
    deflate: first(deflate),
    allocator: first(allocator),
    tls: first(tls),
    end: first(end),
  };
}

function first<Level>(levels: readonly Level[]): Level {
  const [level] = levels;
  if (level === undefined) throw new RangeError('a factor without a level');
  return level;
}

function cellOf(levels: Levels): Cell {
  const { messages, deflate, allocator, tls, end } = levels;
  const parts = [
    messages === 'none' ? 'no-message' : messages.replace(' ', '-'),
    `deflate-${deflate}`,
    allocator,
    ...(tls === 'on' ? ['tls'] : []),
    ...(end === 'close' ? [] : [`end-${end}`]),
  ];
  return { name: parts.join('_'), levels };
}
