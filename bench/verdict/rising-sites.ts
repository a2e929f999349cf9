import { negligiblePerConnection } from './judge-holdings.js';
import { frameSeparator, type Sites } from '../results/live-memory.js';

/** A place in a program of whose objects more and more stay. */
export interface RisingSite {
  readonly site: string;
  /** Of all that stays and was sampled, 0 to 1. */
  readonly share: number;
}

/** A site with a smaller share of what stays is not named, nor one of fewer samples: these may be chance. */
const leastShare = 0.15;
const fewestSamples = 3;

/** Sites that are named at most. */
const mostSites = 3;

/**
 * Finds where the objects were allocated that stay. It compares the ends alone: an optimizing compiler puts a function into
 * its caller, so that a site has another name from one wave on. Both names are told as one, the caller's.
 * @param before what was alive at the first floor
 * @param after the same at the last floor
 * @param opened connections opened in between
 * @returns those with the largest share first; none if what has risen is negligible
 */
export function findRisingSites(
  before: Sites,
  after: Sites,
  opened: number,
): readonly RisingSite[] {
  const rises = [...after.bytes]
    .map(([site, bytes]) => ({ site, bytes: bytes - (before.bytes.get(site) ?? 0) }))
    .filter(({ bytes }) => bytes > 0);
  const total = rises.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total < (negligiblePerConnection / 2) * opened) return [];
  return mergeInlined(rises)
    .filter(({ bytes }) => bytes >= fewestSamples * after.everyBytes)
    .map(({ site, bytes }) => ({ site, share: bytes / total }))
    .filter(({ share }) => share >= leastShare)
    .toSorted((one, other) => other.share - one.share)
    .slice(0, mostSites);
}

interface Rise {
  readonly site: string;
  readonly bytes: number;
}

/** Adds a site to the one that begins with its caller, if there is one. */
function mergeInlined(rises: readonly Rise[]): readonly Rise[] {
  const byFirstFrame = new Map(rises.map((rise) => [rise.site.split(frameSeparator)[0], rise]));
  const merged = new Map<string, number>();
  for (const { site, bytes } of rises) {
    const [, caller] = site.split(frameSeparator);
    const name = (caller === undefined ? undefined : byFirstFrame.get(caller)?.site) ?? site;
    merged.set(name, (merged.get(name) ?? 0) + bytes);
  }
  return [...merged].map(([site, bytes]) => ({ site, bytes }));
}
