import { type LoadCounts, listErrors } from './counts.js';
import { describeLostAges, endedAtOnce } from './lost-ages.js';
import { failureCodes, type FailureCode } from './failure-codes.js';

/** Attempts that have to fail, with none that opened, before the run is given up. */
export const hopelessAttempts = 100;

/** What to look at first, by what went wrong and what was said of it; the first that fits. */
const hints: readonly (readonly [FailureCode, RegExp, string])[] = [
  ['refused', /^/, 'is the server running?'],
  ['rejected', / 3\d\d /, 'connect to the address that it names'],
  ['rejected', /\borigin\b/i, '--origin sends one'],
  ['rejected', /\bcookie\b/i, '--cookie sends one'],
  ['rejected', /\bsub-?protocol\b/i, '--subprotocol offers one'],
  [
    'rejected',
    / 40[137] /,
    'it wants a login: --header with an Authorization, --cookie, or user and password in the URL',
  ],
  ['rejected', / (429|503) /, 'it limits connections: fewer, or a lower --rate'],
  ['rejected', / 5\d\d /, 'it failed itself: its log says why'],
  ['rejected', /^/, 'does the server speak WebSocket at this path?'],
  ['protocol', /^/, 'does a WebSocket server listen there?'],
  [
    'tls',
    /self-signed|unable to (verify|get)/,
    '--ca FILE names who has signed it, --insecure accepts any certificate',
  ],
  ['tls', /expired|altnames/, '--insecure accepts any certificate'],
  ['tls', /wrong version|packet length/, 'is it ws:// rather than wss://?'],
  ['unreachable', /^/, 'is the host name right?'],
  ['timed_out', /^/, 'does a WebSocket server listen there?'],
  ['reset', /^/, 'does a WebSocket server listen there?'],
];

/** Tells whether to give up: nothing has opened, and the first 100 attempts, or all that there are, have failed. */
export function isHopeless(tally: LoadCounts, hasTriedAll: boolean): boolean {
  if (tally.connections_opened_total > 0 || tally.connect_errors_total === 0) return false;
  return hasTriedAll || tally.connect_errors_total >= hopelessAttempts;
}

/** Says in one line that no connection could be opened, why, and what to look at. */
export function explainHopeless(url: string, tally: LoadCounts): string {
  const ranked = Object.entries(tally.errors) as [FailureCode, number][];
  const [code] = ranked.reduce((most, each) => (each[1] > most[1] ? each : most));
  const detail = mostFrequentDetail(tally, code);
  const hint = hints.find(([of, form]) => of === code && form.test(`${detail ?? ''} `))?.[2];
  return (
    `No connection to ${url} could be opened: ${listErrors(tally)} (${failureCodes[code]})` +
    (detail === undefined ? '' : `: ${detail}`) +
    (hint === undefined ? '' : `; ${hint}`)
  );
}

function mostFrequentDetail(
  { error_details: details = {} }: Pick<LoadCounts, 'error_details'>,
  code: FailureCode,
): string | undefined {
  const ofCode = Object.entries(details).filter(([detail]) => detail.startsWith(`${code}: `));
  const [first] = ofCode.toSorted(([, one], [, other]) => other - one);
  return first?.[0].slice(`${code}: `.length);
}

/** How long clients that come back find nobody before the run is given up, in milliseconds. */
export const longestAbsenceMs = 30_000;

/** What has happened since the last connection was opened. */
export interface SinceOpening {
  /** Attempts that have failed. */
  readonly failed: number;
  readonly ms: number;
  /** Whether there is nothing left to try. */
  readonly hasTriedAll: boolean;
  /** Whether clients come back, so that the server may do so as well. */
  readonly isReplacing: boolean;
}

/**
 * Tells whether the server went away in the middle of the run: every connection that it had is lost, and none can be
 * opened any more.
 */
export function isDeserted(tally: LoadCounts, since: SinceOpening): boolean {
  if (tally.connections_lost_total === 0 || tally.connections > 0) return false;
  if (since.isReplacing) return since.failed > 0 && since.ms >= longestAbsenceMs;
  return since.hasTriedAll || since.failed >= hopelessAttempts;
}

/**
 * Tells whether the server has kept none of the connections that it took. Once a run without replacements has ended this
 * is known from the final counts, also when the last loss came after the last report.
 */
export function hasKeptNone(
  tally: Pick<LoadCounts, 'connections_lost_total' | 'connections_opened_total'>,
): boolean {
  return (
    tally.connections_lost_total > 0 &&
    tally.connections_lost_total === tally.connections_opened_total
  );
}

/** Says in one line that the server keeps no connection, and why, if it has said so. */
export function explainDeserted(url: string, tally: LoadCounts): string {
  const detail = mostFrequentDetail(tally, 'lost');
  const hint = hintAtLosses(tally);
  return (
    `All connections to ${url} were lost: ${listErrors(tally)}` +
    (detail === undefined ? '' : `: ${detail}`) +
    (hint === undefined ? '' : `; ${hint}`)
  );
}

/** What to do where a limit of ours ended connections. */
const limitHints: readonly (readonly [FailureCode, string])[] = [
  ['message_too_large', '--max-message takes longer messages'],
  ['unsent_too_large', 'the server does not read what it is sent, or not fast enough'],
  ['memory_exceeded', '--max-buffered lets a process keep more'],
];

/** Says what the losses of a run hint at: what the server has said, at what age, and whether it is still there. */
export function hintAtLosses(
  tally: Pick<LoadCounts, 'connections_lost_total' | 'error_details' | 'errors' | 'lost_ages_s'>,
): string | undefined {
  if (tally.connections_lost_total === 0) return undefined;
  const limit = limitHints.find(([code]) => (tally.errors[code] ?? 0) > 0);
  if (limit !== undefined) return limit[1];
  const detail = mostFrequentDetail(tally, 'lost') ?? '';
  if (/\b(log ?in|auth\w*|token)\b/i.test(detail)) {
    return '--send TEXT says what the server waits for';
  }
  const age = describeLostAges(tally.lost_ages_s ?? {}, tally.connections_lost_total);
  if (detail.startsWith('closed with ') && (age === undefined || age === endedAtOnce)) {
    return 'the server closed them itself';
  }
  // Who only ends connections after a time still takes new ones.
  return (tally.errors.refused ?? 0) > 0 ? 'is the server still running?' : age;
}
