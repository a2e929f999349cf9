import { markdownTable } from '../../program/markdown.js';
import { formatBytes, formatCount } from '../../program/quantities.js';
import type { GrowthVerdict } from './judge-growth.js';
import type { JudgedMemory } from './judge-role.js';

const head = [
  'role',
  'memory',
  'begin',
  'end',
  'per hour',
  'per connection (95 % interval)',
  'smallest leak it sees',
  'verdict',
] as const;

/** Writes the verdicts as a Markdown table; `connectionsPerHour` were opened. */
export function formatSoak(judged: readonly JudgedMemory[], connectionsPerHour: number): string {
  return markdownTable(
    head,
    judged.map(({ role, kind, judgement, isFree }) => {
      const { verdict, beginBytes, endBytes, perConnection, smallestLeakBytes } = judgement;
      return [
        role,
        kind,
        formatKnown(beginBytes),
        formatKnown(endBytes),
        perConnection === undefined ? '' : formatBytes(perConnection.slope * connectionsPerHour),
        perConnection === undefined
          ? ''
          : `${formatSmall(perConnection.slope)} B (${formatSmall(perConnection.low)} to ${formatSmall(perConnection.high)})`,
        smallestLeakBytes === undefined ? '' : `${formatSmall(smallestLeakBytes)} B`,
        describeVerdict(verdict, isFree),
      ];
    }),
  );
}

/** What a soak has done. */
export interface SoakTotals {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly connections: number;
  readonly messages: number;
  readonly errors: number;
}

/** Writes in a sentence what was done. */
export function describeTotals(totals: SoakTotals): string {
  const { seconds, warmUpSeconds, connections, messages, errors } = totals;
  return (
    `${formatCount(connections)} connections and ${formatCount(messages)} echoes in ${formatCount(seconds)} s, ` +
    `${formatCount(errors)} errors; the first ${formatCount(warmUpSeconds)} s are the warm-up and not judged.`
  );
}

function describeVerdict(verdict: GrowthVerdict, isFree: boolean): string {
  if (verdict === 'flat') return verdict;
  return isFree ? `${verdict}, but free` : `**${verdict}**`;
}

function formatKnown(bytes: number): string {
  return Number.isFinite(bytes) ? formatBytes(bytes) : '';
}

function formatSmall(bytes: number): string {
  const text = bytes.toFixed(Math.abs(bytes) < 10 ? 2 : 0);
  return text.replace(/^-(0\.00)$/, '$1');
}
