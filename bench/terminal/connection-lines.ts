import { formatBytes } from '../../program/quantities.js';
import { anyObject, nameKind } from '../results/live-memory.js';
import type { ConnectionPart, RunSummary } from '../results/summary.js';

/** Parts of a connection that are told; summary.json has more. */
const mostParts = 5;

/** What fewer connections than this share have is a pool's, and no part of each. */
const leastShare = 0.05;

/** Lists, a line each, blocks and objects by kind, and places in the code: of these and those, what comes to the most per connection. */
export function largestParts({
  connection_parts: parts = [],
  connection_sites: sites = [],
}: RunSummary): readonly string[] {
  const shared = parts.filter(
    ({ kind, per_connection: count }) => kind !== anyObject && count >= leastShare,
  );
  const groups = new Map<string, ConnectionPart[]>();
  for (const part of shared) {
    const name = part.state ?? `${part.source} ${part.kind}`;
    groups.set(name, [...(groups.get(name) ?? []), part]);
  }
  const partLines = [...groups.values()].map((group) => {
    const total = group.reduce((sum, part) => sum + part.bytes_per_connection, 0);
    const named = group.map(
      ({ source, kind, per_connection: count }) =>
        `${count.toPrecision(3)} × ${nameKind(source, kind)}`,
    );
    const state = group[0]?.state;
    return { total, text: `${state === undefined ? '' : `${state}: `}${named.join(' + ')}` };
  });
  const siteLines = sites.map(({ site, bytes_per_connection: total }) => ({ total, text: site }));
  return [...partLines, ...siteLines]
    .toSorted((one, other) => other.total - one.total)
    .slice(0, mostParts)
    .map(({ total, text }) => `${formatBytes(total)}: ${text}`);
}
