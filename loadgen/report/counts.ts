import { failureCodes, type FailureCode } from './failure-codes.js';

/**
 * Every number that the load generator counts, and what it means: the name is the same from where it is counted to the
 * report lines, the metrics and the columns of samples.csv. Totals count from the start of the run. At any moment:
 * asked = attempted + unstarted; attempted = pending + opened + errors; opened = open + silent + closed; closed = closed
 * by us + lost + silent ones that the server has closed.
 */
export const countMeanings = {
  connections_asked_total: 'Connections that the schedule has called for',
  connections_unstarted: 'Called for, but not attempted yet',
  connections_attempted_total: 'Connections started',
  connections_pending: 'Handshakes under way',
  connections_opened_total: 'Handshakes that succeeded (status 101)',
  connect_errors_total: 'Handshakes that failed',
  connections: 'Connections open now, without those whose client went silent',
  connections_silent:
    'Connections whose client went silent (--end silent) and that the server has not closed',
  connections_closed_total: 'Opened connections that have closed, by either side',
  connections_lost_total:
    'Part of them: closed by the server, or broken, while we meant to keep them',
  closes_unanswered_total:
    'Closes of ours (1000) that the server had not answered in 30 s, or by the end of the run',
  greetings_received_total: 'Connections that got exactly the expected greeting',
  greetings_awaited: 'Open connections whose greeting, which is required, has not come yet',
  greetings_late_total: 'Open connections whose greeting did not come in time; part of the errors',
  opening_messages_sent_total: 'Messages of --send and of the preset, sent as a connection opened',
  openings_awaited: 'Open connections that wait for what --await or the preset waits for',
  openings_completed_total: 'Connections that have said and got all of their opening',
  replies_sent_total: 'Messages of --reply and of the preset',
  connections_ended_by_reset_total: 'Connections that we ended by a reset',
  connections_ended_silently_total: 'Connections whose client went silent',
  silent_closed_total: 'Connections of silent clients that the server has closed since',
  storm_drops_total: 'Connections that were dropped in a storm (--storm)',
  pings_sent_total: 'Pings sent',
  pongs_received_total: 'Pongs received',
  messages_sent_total: 'Messages sent at --message-rate',
  echoes_received_total: 'Echoes received; with --expect reply, answers of any kind',
  echoes_abandoned_total:
    'Messages on connections that were lost, or went silent, before the answer came',
  messages_pushed_total: 'Messages that were neither the greeting nor an answer at --message-rate',
  bytes_pushed_total: 'Payload of those, in bytes',
  messages_compressed_total: 'Messages of either side that were compressed (permessage-deflate)',
  errors_total: 'Failures of all kinds',
} as const satisfies Readonly<Record<string, string>>;

/** A key of {@link countMeanings}. */
export type CountName = keyof typeof countMeanings;

/** The keys of {@link countMeanings}. */
export const countNames = Object.keys(countMeanings) as readonly CountName[];

/** What one process of the generator, or several together, or one line of its report, has counted. */
export interface LoadCounts extends Readonly<Record<CountName, number>> {
  /** All failures by code: failed handshakes, wrong or missing greetings and echoes, lost connections. */
  readonly errors: Readonly<Partial<Record<FailureCode, number>>>;
  /** What was said of errors, such as `rejected: HTTP 401 Unauthorized`, and how often: the first {@link mostDetails}. */
  readonly error_details?: Readonly<Record<string, number>>;
  /** Connections that were lost, by their age, and how many, see `lost-ages.ts`. */
  readonly lost_ages_s?: Readonly<Record<string, number>>;
}

/** {@link LoadCounts} that their owner counts up. */
export interface RunningCounts extends Record<CountName, number> {
  readonly errors: Record<FailureCode, number>;
  readonly error_details: Record<string, number>;
  readonly lost_ages_s: Record<string, number>;
}

/** Kinds of details that are told apart: a server may say something else each time. */
const mostDetails = 20;
const detailsShown = 5;
/** Ages that are told apart: two digits of 0.1 s up to a day are some 500, of which a run shows few. */
const mostAges = 100;

/** Returns counts of nothing, with all their fields from the start, so that counting never changes the object's shape. */
export function noCounts(): RunningCounts {
  return {
    ...zeros(countNames),
    errors: zeros(Object.keys(failureCodes) as FailureCode[]),
    error_details: {},
    lost_ages_s: {},
  };
}

/** Counts a failure, or several of one kind. */
export function countError(counts: RunningCounts, code: FailureCode, times = 1): void {
  counts.errors[code] += times;
  counts.errors_total += times;
}

/** Counts what was said of an error, unless too much has been said already. */
export function countDetail(details: Record<string, number>, detail: string, times = 1): void {
  countKind(details, detail, times, mostDetails);
}

/** Counts a lost connection, or several, under its age, unless too many ages are told apart already. */
export function countAge(ages: Record<string, number>, age: string, times = 1): void {
  countKind(ages, age, times, mostAges);
}

function countKind(
  kinds: Record<string, number>,
  kind: string,
  times: number,
  mostKinds: number,
): void {
  if (!Object.hasOwn(kinds, kind) && Object.keys(kinds).length >= mostKinds) return;
  kinds[kind] = (kinds[kind] ?? 0) + times;
}

/** Lists what was said most often of errors, such as `12 × rejected: HTTP 503`, and how much more there was. */
export function listDetails({ error_details: details = {} }: Pick<LoadCounts, 'error_details'>) {
  const ranked = Object.entries(details).toSorted(([, one], [, other]) => other - one);
  const more = ranked.length - detailsShown;
  return [
    ...ranked.slice(0, detailsShown).map(([detail, count]) => `${count} × ${detail}`),
    ...(more > 0 ? [`and ${more} others`] : []),
  ];
}

/** Tells whether all numbers are the same; kinds of errors are told apart by their total alone. */
export function areSameCounts(one: LoadCounts, other: LoadCounts): boolean {
  return countNames.every((name) => one[name] === other[name]);
}

/** Adds counts up, field by field; errors that did not occur are left out of the sum. */
export function addCounts(all: Iterable<LoadCounts>): LoadCounts {
  const sum = zeros(countNames);
  const errors: Partial<Record<FailureCode, number>> = {};
  const details: Record<string, number> = {};
  const ages: Record<string, number> = {};
  for (const counts of all) {
    for (const name of countNames) sum[name] += counts[name];
    for (const [code, times] of Object.entries(counts.errors) as [FailureCode, number][]) {
      if (times > 0) errors[code] = (errors[code] ?? 0) + times;
    }
    for (const [detail, times] of Object.entries(counts.error_details ?? {})) {
      countDetail(details, detail, times);
    }
    for (const [age, times] of Object.entries(counts.lost_ages_s ?? {})) {
      countAge(ages, age, times);
    }
  }
  return {
    ...sum,
    errors,
    ...(Object.keys(details).length === 0 ? {} : { error_details: details }),
    ...(Object.keys(ages).length === 0 ? {} : { lost_ages_s: ages }),
  };
}

/**
 * Returns the counts of a generator, or of a process of it, that has died since: what was open is lost and closed, what
 * was under way has failed, and the echoes that it waited for won't come.
 */
export function countsAfterDeath(last: LoadCounts): LoadCounts {
  const { connections, connections_silent: silent, connections_pending: pending, errors } = last;
  return {
    ...last,
    connections: 0,
    connections_silent: 0,
    connections_pending: 0,
    connect_errors_total: last.connect_errors_total + pending,
    connections_closed_total: last.connections_closed_total + connections + silent,
    connections_lost_total: last.connections_lost_total + connections,
    echoes_abandoned_total:
      last.messages_sent_total -
      last.echoes_received_total -
      (errors.echo_wrong ?? 0) -
      (errors.echo_missing ?? 0),
    errors: {
      ...errors,
      ...(pending > 0 ? { other: (errors.other ?? 0) + pending } : {}),
      ...(connections > 0 ? { lost: (errors.lost ?? 0) + connections } : {}),
    },
    errors_total: last.errors_total + pending + connections,
  };
}

/** What a run expected of its server, which says what its counts add up to. */
export interface Expected {
  /** Each connection had to get a greeting. */
  readonly isGreetingRequired: boolean;
  /** Each connection had something to say or to wait for first. */
  readonly hasOpening: boolean;
  /** Each message had to get an answer. */
  readonly isAnswered: boolean;
}

/** One side of an equation with its name, then the other. */
type Equation = readonly [string, number, string, number];

/**
 * Returns, in words, which equations between counts don't hold that hold at any moment. Each side is counted on its own, so
 * that a connection that was counted twice or not at all shows.
 */
export function findImbalances(counts: LoadCounts, expected: Expected): string[] {
  return describeUnequal(equationsOf(counts, expected));
}

/** Returns, in words, which equations between the final counts don't hold; see {@link findImbalances}. */
export function findDiscrepancies(counts: LoadCounts, expected: Expected): string[] {
  const { errors, connections: open, connections_pending: pending } = counts;
  const { echo_wrong: wrongEchoes = 0, echo_missing: missingEchoes = 0 } = errors;
  const answered: Equation = [
    'messages sent',
    counts.messages_sent_total,
    'echoes + wrong and missing echoes + messages on lost connections',
    counts.echoes_received_total + wrongEchoes + missingEchoes + counts.echoes_abandoned_total,
  ];
  const found = describeUnequal([
    ...equationsOf(counts, expected),
    ...(expected.isAnswered ? [answered] : []),
  ]);
  if (open + pending > 0) {
    found.push(`${open + pending} connections were still open or pending at the end`);
  }
  const { connections_lost_total: lost, connections_closed_total: closed } = counts;
  if (lost > closed) found.push(`lost (${lost}) is more than closed (${closed})`);
  return found;
}

function describeUnequal(equations: readonly Equation[]): string[] {
  return equations
    .filter(([, left, , right]) => left !== right)
    .map(([name, left, names, right]) => `${name} (${left}) is not ${names} (${right})`);
}

function equationsOf(
  counts: LoadCounts,
  { isGreetingRequired, hasOpening }: Expected,
): readonly Equation[] {
  const { errors, connections: open, connections_pending: pending } = counts;
  const { echo_wrong: wrongEchoes = 0, echo_missing: missingEchoes = 0 } = errors;
  const { greeting_unexpected: unexpected = 0, opening_incomplete: incomplete = 0 } = errors;
  const greetingErrors =
    (errors.greeting_wrong ?? 0) + (errors.greeting_missing ?? 0) + counts.greetings_late_total;
  const equations: Equation[] = [
    [
      'asked',
      counts.connections_asked_total,
      'attempted + unstarted',
      counts.connections_attempted_total + counts.connections_unstarted,
    ],
    [
      'attempted',
      counts.connections_attempted_total,
      'pending + opened + failed',
      pending + counts.connections_opened_total + counts.connect_errors_total,
    ],
    [
      'opened',
      counts.connections_opened_total,
      'open + silent + closed',
      open + counts.connections_silent + counts.connections_closed_total,
    ],
    [
      'errors',
      Object.values(errors).reduce((total, each) => total + each, 0),
      'failed + lost + wrong, unexpected, missing and late greetings + incomplete openings + wrong and missing echoes',
      counts.connect_errors_total +
        counts.connections_lost_total +
        greetingErrors +
        unexpected +
        incomplete +
        wrongEchoes +
        missingEchoes,
    ],
  ];
  if (hasOpening) {
    equations.push([
      'opened',
      counts.connections_opened_total,
      'completed, incomplete and awaited openings',
      counts.openings_completed_total + incomplete + counts.openings_awaited,
    ]);
  }
  if (isGreetingRequired) {
    equations.push([
      'opened',
      counts.connections_opened_total,
      'greeted + wrong, missing, late and awaited greetings',
      counts.greetings_received_total + greetingErrors + counts.greetings_awaited,
    ]);
  }
  return equations;
}

/** Writes errors as `12 × refused, 3 × timed_out`, in the order of their codes. */
export function listErrors({ errors }: LoadCounts): string {
  return (Object.keys(failureCodes) as FailureCode[])
    .flatMap((code) => ((errors[code] ?? 0) > 0 ? [`${errors[code]} × ${code}`] : []))
    .join(', ');
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
