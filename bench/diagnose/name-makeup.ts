import { formatCount, listWords } from '../../program/quantities.js';
import { type LiveSource, liveSources, nameKind } from '../results/live-memory.js';
import type { InsideOwner } from '../results/owners.js';
import type { ConnectionPart, ConnectionSite } from '../results/summary.js';

/** What an open connection is made of, as far as it was counted. */
export interface Makeup {
  readonly parts: readonly ConnectionPart[];
  readonly sites: readonly ConnectionSite[];
}

/** Parts and sites with a smaller share of the difference are not named. */
const leastShare = 0.1;

/** Most kinds and sites that are named. */
const mostKinds = 3;
const mostSites = 2;

/**
 * Names what one connection is made of that another is not, in words: the kinds of which it has more, or the state that they belong
 * to, and where they are allocated.
 * @param dear what the one is made of
 * @param cheap what the other is made of; nothing to name all of the one
 * @param owner whose memory makes the difference; undefined for whichever has the largest kinds
 * @param bytes how much it is in all, in bytes
 * @returns undefined if nothing is known that makes a tenth of it
 */
export function nameMakeup(
  dear: Makeup,
  cheap: Makeup,
  owner: InsideOwner | undefined,
  bytes: number,
): string | undefined {
  const isOf = (source: LiveSource): boolean =>
    owner === undefined || (liveSources[source].owners as readonly string[]).includes(owner);
  const isLarge = ({ bytes_per_connection: each }: { bytes_per_connection: number }): boolean =>
    each >= leastShare * bytes;
  const parts = differenceOf(dear.parts, cheap.parts, ({ source, kind }) => `${source} ${kind}`)
    .filter(({ source }) => isOf(source))
    .map((part) => ({
      ...part,
      per_connection: part.per_connection - countOf(cheap.parts, part),
    }));
  const sites = differenceOf(dear.sites, cheap.sites, ({ source, site }) => `${source} ${site}`)
    .filter(({ source }) => isOf(source))
    .filter(isLarge)
    .slice(0, mostSites);
  const named = [
    ...nameParts(parts, isLarge),
    ...(sites.length === 0
      ? []
      : [`allocated in ${sites.map(({ site }) => site).join(', and in ')}`]),
  ];
  return named.length === 0 ? undefined : named.join('; ');
}

function nameParts(
  parts: readonly ConnectionPart[],
  isLarge: (part: ConnectionPart) => boolean,
): readonly string[] {
  const large = parts.filter(isLarge);
  const [largest] = large;
  if (largest === undefined) return [];
  const { state } = largest;
  if (state === undefined) {
    const kinds = large.slice(0, mostKinds).map((part) => {
      const { source, kind, per_connection: count } = part;
      return `${formatNumber(count)} × ${nameKind(source, kind)}`;
    });
    return [`${kinds.join(', ')} per connection`];
  }
  const blocks = parts
    .filter((part) => part.state === state)
    .map(({ kind, per_connection: count }, index) => {
      const noun = index > 0 ? '' : Math.round(count) === 1 ? ' block' : ' blocks';
      return `${formatNumber(count)}${noun} of ${formatCount(Number(kind))} B`;
    });
  return [`${listWords(blocks)} per connection, a ${state}`];
}

/** Nearly whole numbers are something that each connection has. */
function formatNumber(count: number): string {
  const whole = Math.round(count);
  return Math.abs(count - whole) < 0.05 && whole > 0 ? String(whole) : count.toPrecision(2);
}

/** Takes what the others have from these, and returns what is left, the largest first. */
function differenceOf<Part extends { readonly bytes_per_connection: number }>(
  these: readonly Part[],
  others: readonly Part[],
  keyOf: (part: Part) => string,
): readonly Part[] {
  const bytes = new Map(others.map((part) => [keyOf(part), part.bytes_per_connection]));
  return these
    .map((part) => ({
      ...part,
      bytes_per_connection: part.bytes_per_connection - (bytes.get(keyOf(part)) ?? 0),
    }))
    .toSorted((one, other) => other.bytes_per_connection - one.bytes_per_connection);
}

function countOf(parts: readonly ConnectionPart[], { source, kind }: ConnectionPart): number {
  const found = parts.find((part) => part.source === source && part.kind === kind);
  return found?.per_connection ?? 0;
}
