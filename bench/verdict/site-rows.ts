import { liveSourceNames, type LiveSource } from '../results/live-memory.js';
import type { SiteRow } from '../results/site-columns.js';
import { type Division, heldDifference, nameStates } from './held-difference.js';
import type { RunRecord } from './run-record.js';

/** What neither holds nor keeps this much per connection is left out, in bytes. */
const leastBytes = 1;

/**
 * Tells what an open connection holds and what stays of those that have closed, per connection, by kind and by site, the
 * largest first.
 * @param record of the run
 * @param open connections in the first hold
 */
export function listSites(
  record: Pick<RunRecord, 'floors' | 'holds' | 'waves'>,
  open: number,
): readonly SiteRow[] {
  const { floors, holds, waves } = record;
  const [held] = holds;
  const live = floors.map((floor) => floor.live);
  const [baseline, firstFloor] = live;
  const lastFloor = live.length > 2 ? live.at(-1) : undefined;
  const openedLater = waves.slice(1).reduce((sum, wave) => sum + wave.connections_opened_total, 0);
  const rowsOf = (source: LiveSource, by: Division): SiteRow[] => {
    const inHold = heldDifference(baseline, held, open, source, by);
    const stays = heldDifference(firstFloor, lastFloor, openedLater, source, by);
    const states =
      source === 'malloc' && by === 'kind' ? nameStates(inHold, held ?? {}) : undefined;
    return [...new Set([...inHold.keys(), ...stays.keys()])].map((name) => ({
      source,
      by,
      name,
      state: states?.get(name) ?? '',
      hold_count_per_connection: inHold.get(name)?.count,
      hold_bytes_per_connection: inHold.get(name)?.bytes,
      stays_count_per_connection: stays.get(name)?.count,
      stays_bytes_per_connection: stays.get(name)?.bytes,
    }));
  };
  return liveSourceNames
    .flatMap((source) => [...rowsOf(source, 'kind'), ...rowsOf(source, 'site')])
    .filter((row) => largest(row) >= leastBytes)
    .toSorted((one, other) => largest(other) - largest(one));
}

function largest({
  hold_bytes_per_connection: held = 0,
  stays_bytes_per_connection: stays = 0,
}: SiteRow): number {
  return Math.max(held, stays);
}
