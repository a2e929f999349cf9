import type { SampleRow } from '../results/sample-columns.js';
import { isMostlyRefused, privateBytes } from '../results/wave-figures.js';
import { type Point, type Slope, theilSen } from './theil-sen.js';

/** A run that ended early may have one row of its ramp: no slope can be trusted then. */
const fewestRowsWithConnections = 3;

/** No server holds an open connection in fewer bytes: uWebSockets.js, the leanest one known, takes some 500. */
const leastBytes = 64;

/** Rows at the end of the baseline that stand for no connection. */
const baselineRows = 3;

/**
 * Estimates private bytes per open connection, with a 95 % interval: the slope of memory on the connections open, over
 * the end of the baseline and the ramp and hold of the first wave. Later waves use again what the first one left, so
 * their slopes tell less. Garbage that was not collected yet is included, as it is in what a server needs.
 * Undefined if there is no ramp to look at, most of its connections failed, or memory did not rise with them: a server
 * that was under load before reuses its memory.
 */
export function estimateBytesPerConnection(rows: readonly SampleRow[]): Slope | undefined {
  if (isMostlyRefused(rows, 1)) return undefined;
  const points = firstRampPoints(rows);
  const held = points.filter(({ x }) => x > 0);
  const slope = held.length < fewestRowsWithConnections ? undefined : theilSen(points);
  return slope === undefined || slope.slope < leastBytes ? undefined : slope;
}

/** Returns what {@link estimateBytesPerConnection} looks at: private bytes (y) by number of open connections (x). */
export function firstRampPoints(rows: readonly SampleRow[]): Point[] {
  const before = rows.filter(({ phase }) => phase === 'baseline').slice(-baselineRows);
  const during = rows.filter(
    ({ wave, phase }) => wave === 1 && (phase === 'ramp' || phase === 'hold'),
  );
  return [...before, ...during].flatMap((row) => {
    const y = privateBytes(row);
    // The target's own count is as old as the memory that it is reported with.
    const x = row.target_connections ?? row.connections;
    return x === undefined || y === undefined ? [] : [{ x, y }];
  });
}
