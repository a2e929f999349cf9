import { type Holdings, liveSourceNames, type LiveSource } from '../results/live-memory.js';
import type { SiteRow } from '../results/site-columns.js';
import { findKnownStates } from './known-states.js';
import type { RunRecord } from './run-record.js';

/** What neither holds nor keeps this much per connection is left out, in bytes. */
const leastBytes = 1;

/** So many things, where they are counted, and their bytes. */
interface Amount {
  readonly count: number | undefined;
  readonly bytes: number;
}

type Part = (holdings: Holdings) => ReadonlyMap<string, Amount> | undefined;

/** The two ways to divide what is held. */
const divisions: Readonly<Record<'kind' | 'site', Part>> = {
  kind: ({ kinds }) => kinds,
  site: ({ sites }) =>
    sites === undefined
      ? undefined
      : new Map([...sites.bytes].map(([name, bytes]) => [name, { count: undefined, bytes }])),
};

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
  const rowsOf = (source: LiveSource, by: 'kind' | 'site'): SiteRow[] => {
    const amounts = (memory: typeof held) => {
      const holdings = memory?.[source];
      return holdings === undefined ? undefined : divisions[by](holdings);
    };
    const inHold = differences(amounts(baseline), amounts(held), open);
    const stays = differences(amounts(firstFloor), amounts(lastFloor), openedLater);
    const states =
      source === 'malloc' && by === 'kind' ? statesOf(inHold) : new Map<string, string>();
    return [...new Set([...inHold.keys(), ...stays.keys()])].map((name) => ({
      source,
      by,
      name,
      state: states.get(name) ?? '',
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

/** Names blocks by what they are known to be part of. */
function statesOf(blocks: ReadonlyMap<string, Amount>): ReadonlyMap<string, string> {
  const bySize = new Map([...blocks].map(([size, { count = 0 }]) => [Number(size), count]));
  return new Map([...findKnownStates(bySize)].map(([size, { name }]) => [String(size), name]));
}

/** Per connection; empty if one of them was not counted, or there were no connections. */
function differences(
  before: ReadonlyMap<string, Amount> | undefined,
  after: ReadonlyMap<string, Amount> | undefined,
  connections: number,
): ReadonlyMap<string, Amount> {
  if (before === undefined || after === undefined || connections === 0) return new Map();
  return new Map(
    [...after].map(([name, { count, bytes }]) => {
      const earlier = before.get(name);
      return [
        name,
        {
          count: count === undefined ? undefined : (count - (earlier?.count ?? 0)) / connections,
          bytes: (bytes - (earlier?.bytes ?? 0)) / connections,
        },
      ];
    }),
  );
}

function largest({
  hold_bytes_per_connection: held = 0,
  stays_bytes_per_connection: stays = 0,
}: SiteRow): number {
  return Math.max(held, stays);
}
