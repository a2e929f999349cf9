import { failureCodes, type FailureCode } from './failure-codes.js';

/** What one process, or all together, has counted. Totals count from the start of the run. */
export interface Tally {
  readonly askedTotal: number;
  /** Asked for, but not attempted yet. */
  readonly unstarted: number;
  readonly attemptedTotal: number;
  /** Handshakes under way. */
  readonly pending: number;
  readonly openedTotal: number;
  readonly failedTotal: number;
  readonly open: number;
  readonly closedTotal: number;
  /** Part of the closed: those that we didn't close. */
  readonly lostTotal: number;
  readonly greetedTotal: number;
  /** Open connections whose greeting, which is required, has not come yet. */
  readonly greetingsAwaited: number;
  /** Open connections whose greeting didn't come in time; each is counted in `errors.timed_out` too. */
  readonly greetingsTimedOutTotal: number;
  readonly sentTotal: number;
  readonly echoedTotal: number;
  /** Messages on connections that were lost before the echo came. */
  readonly abandonedTotal: number;
  readonly errors: Readonly<Record<FailureCode, number>>;
  /** What was said of errors, such as `tls: certificate has expired`, and how often: the first {@link mostDetails}. */
  readonly details: Readonly<Record<string, number>>;
}

/** Kinds of details that are told apart: a server may say something else each time. */
const mostDetails = 20;

/** A {@link Tally} that its owner counts up. */
export type RunningTally = {
  -readonly [Name in keyof Tally]: Tally[Name] extends number ? number : Record<string, number>;
} & { readonly errors: Record<FailureCode, number> };

/** Counts what was said of an error, unless too much has been said already. */
export function countDetail(details: Record<string, number>, detail: string, times = 1): void {
  if (!Object.hasOwn(details, detail) && Object.keys(details).length >= mostDetails) return;
  details[detail] = (details[detail] ?? 0) + times;
}

/** Returns a tally of nothing. */
export function emptyTally(): RunningTally {
  return {
    askedTotal: 0,
    unstarted: 0,
    attemptedTotal: 0,
    pending: 0,
    openedTotal: 0,
    failedTotal: 0,
    open: 0,
    closedTotal: 0,
    lostTotal: 0,
    greetedTotal: 0,
    greetingsAwaited: 0,
    greetingsTimedOutTotal: 0,
    sentTotal: 0,
    echoedTotal: 0,
    abandonedTotal: 0,
    errors: noErrors(),
    details: {},
  };
}

/** Adds tallies up, field by field. */
export function sumTallies(tallies: Iterable<Tally>): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    for (const name of Object.keys(sum) as (keyof Tally)[]) {
      if (name !== 'errors' && name !== 'details') sum[name] += tally[name];
    }
    for (const code of Object.keys(sum.errors) as FailureCode[]) {
      sum.errors[code] += tally.errors[code];
    }
    for (const [detail, times] of Object.entries(tally.details)) {
      countDetail(sum.details, detail, times);
    }
  }
  return sum;
}

/**
 * Returns the tally of a process that died, from its last report: what was open is lost and closed, what was under
 * way has failed, and the echoes that it waited for won't come.
 */
export function tallyAfterDeath(last: Tally): Tally {
  return {
    ...last,
    pending: 0,
    failedTotal: last.failedTotal + last.pending,
    open: 0,
    closedTotal: last.closedTotal + last.open,
    lostTotal: last.lostTotal + last.open,
    abandonedTotal: last.sentTotal - last.echoedTotal - last.errors.echo_wrong,
    errors: {
      ...last.errors,
      other: last.errors.other + last.pending,
      lost: last.errors.lost + last.open,
    },
  };
}

function noErrors(): Record<FailureCode, number> {
  // Every code is there from the start, so that counting never changes the object's shape.
  return Object.fromEntries(Object.keys(failureCodes).map((code) => [code, 0])) as Record<
    FailureCode,
    number
  >;
}
