import { formatDuration } from '../../program/quantities.js';
import { countAge } from './counts.js';

/** Lost connections by their age: seconds to two digits, such as `3.0` or `61`, and how many. */
export type LostAges = Readonly<Record<string, number>>;

/** Share of the connections that has to be of about the same age for a time limit to be likely, and the fewest. */
const likelyShare = 0.9;
const fewest = 5;

/** Ages of a time limit differ by as much, for whoever watches it may look only now and then. */
const spreadShare = 0.1;
const leastSpreadSeconds = 0.3;

/** Below this a connection was not kept at all. */
const shortestLimitSeconds = 0.5;

/** What is said of connections that were hardly open. */
export const endedAtOnce =
  'none was open for long: does the server end them, or did it exit by itself?';

/** Counts that a connection was lost at this age. */
export function countLostAge(ages: Record<string, number>, ageMs: number): void {
  const seconds = Math.max(0.1, ageMs / 1000);
  const key = seconds < 10 ? seconds.toFixed(1) : String(Number(seconds.toPrecision(2)));
  countAge(ages, key);
}

/**
 * Says in words that connections were lost at about the same age, so that there seems to be a time limit; undefined if
 * they were not, or too few are known.
 */
export function describeLostAges(ages: LostAges, lostTotal: number): string | undefined {
  const counted = Object.entries(ages).map(([age, times]) => ({ age: Number(age), times }));
  const [most] = counted.toSorted((one, other) => other.times - one.times);
  if (most === undefined) return undefined;
  const spread = Math.max(leastSpreadSeconds, most.age * spreadShare);
  const alike = counted
    .filter(({ age }) => Math.abs(age - most.age) <= spread)
    .reduce((sum, { times }) => sum + times, 0);
  if (alike < fewest || alike < lostTotal * likelyShare) return undefined;
  if (most.age < shortestLimitSeconds) return endedAtOnce;
  const who = alike === lostTotal ? 'all' : `${alike} of ${lostTotal}`;
  const shorter = formatDuration(Math.max(100, Math.round(most.age * 5) * 100));
  return `${who} about ${most.age} s after opening: a time limit of the server, or of a proxy before it? --ping ${shorter} shows whether it is for silence`;
}
