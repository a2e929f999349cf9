import { frameSeparator, type Sites } from '../results/live-memory.js';
import { negligiblePerConnection } from './judge-holdings.js';

/** A place in a program where objects are allocated of which more and more stay. */
export interface RisingSite {
  readonly site: string;
  /** Of all that stays and was sampled, 0 to 1. */
  readonly share: number;
  /** Functions that it calls, and that have allocated some of it: an optimizing compiler may have put them into it. */
  readonly callees: readonly string[];
}

/** A site with a smaller share of what stays, or with fewer samples, is not named: it may be chance. */
const leastShare = 0.15;
const fewestSamples = 3;

/** Sites that are named at most, and callees of each. */
const mostSites = 3;
const mostCallees = 2;

interface Rise {
  readonly site: string;
  readonly bytes: number;
}

/**
 * Finds where the objects were allocated that stay. It compares the ends alone: an optimizing compiler puts a function into
 * its caller, so that a site has another name from one wave on. Both are told as one, the caller.
 * @param baseline what was alive before the first wave
 * @param before what was alive at the first floor
 * @param after the same at the last floor
 * @param opened connections opened between these
 * @returns those with the largest share first; none if what has risen is negligible
 */
export function findRisingSites(
  baseline: Sites,
  before: Sites,
  after: Sites,
  opened: number,
): readonly RisingSite[] {
  const rises = risesOf(before, after);
  const total = rises.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total < (negligiblePerConnection / 2) * opened) return [];
  const isSure = ({ bytes }: Rise): boolean => bytes >= fewestSamples * after.everyBytes;
  // What was traced, and not sampled, tells what was inlined.
  const isTraced = after.counts !== undefined;
  const sinceBaseline = isTraced ? [] : risesOf(baseline, after).filter(isSure);
  return (isTraced ? rises : mergeInlined(rises))
    .filter(isSure)
    .map(({ site, bytes }) => ({
      site,
      share: bytes / total,
      callees: calleesOf(site, sinceBaseline),
    }))
    .filter(({ share }) => share >= leastShare)
    .toSorted((one, other) => other.share - one.share)
    .slice(0, mostSites);
}

function risesOf(before: Sites, after: Sites): readonly Rise[] {
  return [...after.bytes]
    .map(([site, bytes]) => ({ site, bytes: bytes - (before.bytes.get(site) ?? 0) }))
    .filter(({ bytes }) => bytes > 0);
}

/** Adds a site to the one that begins with its caller, if there is one. */
function mergeInlined(rises: readonly Rise[]): readonly Rise[] {
  const byFirstFrame = new Map(rises.map(({ site }) => [firstFrame(site), site]));
  const merged = new Map<string, number>();
  for (const { site, bytes } of rises) {
    const [, caller = ''] = site.split(frameSeparator);
    const name = byFirstFrame.get(caller) ?? site;
    merged.set(name, (merged.get(name) ?? 0) + bytes);
  }
  return [...merged].map(([site, bytes]) => ({ site, bytes }));
}

/** What was allocated before the compiler came tells which functions a site calls. */
function calleesOf(site: string, rises: readonly Rise[]): readonly string[] {
  return rises
    .filter((rise) => rise.site.split(frameSeparator)[1] === firstFrame(site))
    .toSorted((one, other) => other.bytes - one.bytes)
    .map((rise) => firstFrame(rise.site))
    .slice(0, mostCallees);
}

function firstFrame(site: string): string {
  return site.split(frameSeparator, 1)[0] ?? '';
}
