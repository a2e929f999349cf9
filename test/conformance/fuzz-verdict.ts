import { formatCount } from '../../program/quantities.js';
import type { FoundMisdeed, FuzzResult } from './fuzz.js';
import { findLeaks, type Growth, type MemoryGrowth, smallestLeaks } from './memory-growth.js';

/** What can be wrong with a server. */
export type Finding =
  FoundMisdeed['kind'] | 'leak per frame' | 'leak per connection' | 'process lost';

/** Lists what is wrong with a server, each kind once; nothing where it is sound. */
export function findFaults({ misdeeds, processesLost, growth }: FuzzResult): Finding[] {
  const leaks = growth === undefined ? [] : findLeaks(growth);
  return [
    ...new Set([
      ...(processesLost > 0 ? (['process lost'] as const) : []),
      ...misdeeds.map(({ kind }) => kind),
      ...leaks.map((leak) => `leak ${leak}` as const),
    ]),
  ];
}

/** Head of the table whose rows {@link fuzzRow} makes. */
export const fuzzTableHead = [
  'server',
  'connections',
  'frames sent',
  'consumed',
  'share',
  'answers right',
  'wrong',
  'faults: closed with a code',
  'cut',
  'not ended',
  'private memory per frame',
  'live JS per frame',
  'private memory per connection',
  'live JS per connection',
  'processes lost',
  'verdict',
] as const;

/** Writes how a server did: one cell for each of {@link fuzzTableHead}. */
export function fuzzRow(server: string, result: FuzzResult): string[] {
  const { connections, framesSent, framesConsumed, outcomes, growth } = result;
  const found = findFaults(result);
  let closed = 0;
  for (const [outcome, count] of outcomes) if (outcome.startsWith('closed')) closed += count;
  return [
    server,
    formatCount(connections),
    formatCount(framesSent),
    formatCount(framesConsumed),
    `${((100 * framesConsumed) / Math.max(1, framesSent)).toFixed(2)} %`,
    formatCount(result.answersRight),
    formatCount(result.answersWrong),
    formatCount(closed),
    formatCount(outcomes.get('cut') ?? 0),
    formatCount(outcomes.get('not ended') ?? 0),
    formatGrowth(growth?.private.all.perFrame),
    formatGrowth(growth?.live.all.perFrame),
    formatGrowth(growth?.private.all.perConnection),
    formatGrowth(growth?.live.all.perConnection),
    String(result.processesLost),
    found.length === 0 ? 'right' : `**${found.join(', ')}**`,
  ];
}

/** Says how small a leak would have been found. */
export function describeResolution({ private: own, live }: MemoryGrowth): string {
  const [inPrivate, inLive] = [smallestLeaks(own), smallestLeaks(live)];
  const bytes = (value: number): string => `${formatCount(Math.ceil(value))} B`;
  return (
    `Smallest leak that would have been found: ${bytes(inLive.perFrame)} per frame and ` +
    `${bytes(inLive.perConnection)} per connection in JavaScript, ${bytes(inPrivate.perFrame)} and ` +
    `${bytes(inPrivate.perConnection)} in any private memory`
  );
}

/** Says where a misdeed shows again. */
export function describeMisdeed(
  server: string,
  seed: number,
  { kind, connection, frame, why }: FoundMisdeed,
): string {
  return `${server}: ${kind}: ${why} (seed ${seed}, connection ${connection}, frame ${frame})`;
}

function formatGrowth(growth: Growth | undefined): string {
  if (growth === undefined) return '';
  const { bytes, marginBytes } = growth;
  const digits = marginBytes < 10 ? 1 : 0;
  return `${bytes.toFixed(digits)} ± ${marginBytes.toFixed(digits)} B`;
}

/** Tells whether what was found with a planted fault is what had to be found. */
export function isAsPlanted(found: readonly Finding[], wanted: readonly Finding[]): boolean {
  return wanted.length === 0 ? found.length === 0 : wanted.some((each) => found.includes(each));
}
