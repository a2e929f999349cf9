import type { FailureCode } from './failure-codes.js';
import type { LoadCounts } from './report-lines.js';
import type { Tally } from './tally.js';

/** Returns the counts of a report line. */
export function countsOf(tally: Tally): LoadCounts {
  return {
    connections_asked_total: tally.askedTotal,
    connections_attempted_total: tally.attemptedTotal,
    connections_opened_total: tally.openedTotal,
    greetings_received_total: tally.greetedTotal,
    connections_failed_total: tally.failedTotal,
    connections_closed_total: tally.closedTotal,
    connections_lost_total: tally.lostTotal,
    connections_pending: tally.pending,
    connections: tally.open,
    messages_sent_total: tally.sentTotal,
    echoes_received_total: tally.echoedTotal,
    errors: errorsThatOccurred(tally),
    errors_total: sum(Object.values(tally.errors)),
    ...(Object.keys(tally.details).length === 0 ? {} : { error_details: { ...tally.details } }),
  };
}

/**
 * Returns, in words, which equations between the final counts don't hold. Each side is counted on its own, so that
 * a connection or message that was counted twice or not at all shows. `isGreetingRequired` says whether each
 * connection had to get a greeting.
 */
export function findDiscrepancies(tally: Tally, isGreetingRequired: boolean): string[] {
  const { errors } = tally;
  const greetingErrors =
    errors.greeting_wrong + errors.greeting_missing + tally.greetingsTimedOutTotal;
  const equations: [string, number, string, number][] = [
    ['asked', tally.askedTotal, 'attempted + unstarted', tally.attemptedTotal + tally.unstarted],
    [
      'attempted',
      tally.attemptedTotal,
      'pending + opened + failed',
      tally.pending + tally.openedTotal + tally.failedTotal,
    ],
    ['opened', tally.openedTotal, 'open + closed', tally.open + tally.closedTotal],
    [
      'messages sent',
      tally.sentTotal,
      'echoes + wrong echoes + messages on lost connections',
      tally.echoedTotal + errors.echo_wrong + tally.abandonedTotal,
    ],
    [
      'errors',
      sum(Object.values(errors)),
      'failed + lost + wrong, unexpected, missing and late greetings + wrong echoes',
      tally.failedTotal +
        tally.lostTotal +
        greetingErrors +
        errors.greeting_unexpected +
        errors.echo_wrong,
    ],
  ];
  if (isGreetingRequired) {
    equations.push([
      'opened',
      tally.openedTotal,
      'greeted + wrong, missing, late and awaited greetings',
      tally.greetedTotal + greetingErrors + tally.greetingsAwaited,
    ]);
  }
  const found = equations
    .filter(([, left, , right]) => left !== right)
    .map(([name, left, names, right]) => `${name} (${left}) is not ${names} (${right})`);
  if (tally.open + tally.pending > 0) {
    found.push(`${tally.open + tally.pending} connections were still open or pending at the end`);
  }
  if (tally.lostTotal > tally.closedTotal) {
    found.push(`lost (${tally.lostTotal}) is more than closed (${tally.closedTotal})`);
  }
  return found;
}

/** Writes errors as `12 × refused, 3 × timed_out`, in the order of their codes. */
export function listErrors(tally: Tally): string {
  return Object.entries(errorsThatOccurred(tally))
    .map(([code, count]) => `${count} × ${code}`)
    .join(', ');
}

function errorsThatOccurred(tally: Tally): Partial<Record<FailureCode, number>> {
  return Object.fromEntries(Object.entries(tally.errors).filter(([, count]) => count > 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
