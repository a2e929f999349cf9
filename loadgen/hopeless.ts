import { listErrors } from './counts.js';
import { failureCodes, type FailureCode } from './failure-codes.js';
import type { Tally } from './tally.js';

/** Attempts that have to fail, with none that opened, before the run is given up. */
const hopelessAttempts = 100;

/** What to look at first, by what went wrong. */
const hints: Readonly<Partial<Record<FailureCode, string>>> = {
  refused: 'is the server running?',
  rejected: 'does the server speak WebSocket at this path?',
  protocol: 'does a WebSocket server listen there?',
  tls: 'is the certificate valid? --insecure accepts any',
  unreachable: 'is the host name right?',
  timed_out: 'does a WebSocket server listen there?',
  reset: 'does a WebSocket server listen there?',
};

/** Tells whether to give up: nothing has opened, and the first 100 attempts, or all that there are, have failed. */
export function isHopeless(tally: Tally, hasTriedAll: boolean): boolean {
  if (tally.openedTotal > 0 || tally.failedTotal === 0) return false;
  return hasTriedAll || tally.failedTotal >= hopelessAttempts;
}

/** Says in one line that no connection could be opened, why, and what to look at. */
export function explainHopeless(url: string, tally: Tally): string {
  const ranked = Object.entries(tally.errors) as [FailureCode, number][];
  const [code] = ranked.reduce((most, each) => (each[1] > most[1] ? each : most));
  const hint = hints[code];
  return (
    `No connection to ${url} could be opened: ${listErrors(tally)} (${failureCodes[code]})` +
    (hint === undefined ? '' : `; ${hint}`)
  );
}

/**
 * Tells whether the server has gone in the middle of the run: every connection that it had is lost, and none can be
 * opened any more. `failedSinceOpening` counts the attempts that have failed since the last one that succeeded.
 */
export function isDeserted(
  tally: Tally,
  failedSinceOpening: number,
  hasTriedAll: boolean,
): boolean {
  if (tally.lostTotal === 0 || tally.open > 0) return false;
  return hasTriedAll || failedSinceOpening >= hopelessAttempts;
}

/** Says in one line that the server has gone. */
export function explainDeserted(url: string, tally: Tally): string {
  return `All connections to ${url} were lost: ${listErrors(tally)}; is the server still running?`;
}
