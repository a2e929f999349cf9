import { markdownTable } from '../../program/markdown.js';
import type { RunSummary } from '../../bench/results/summary.js';
import { owners } from '../../bench/results/owners.js';
import type { KnownCase } from './known-case.js';

/** What came out of a case. */
export interface CheckedCase {
  readonly name: string;
  readonly truth: string;
  readonly verdict: string;
  /** The figure that the truth is about, with its interval, in bytes; undefined if there is none. */
  readonly measured:
    { readonly bytes: number; readonly low: number; readonly high: number } | undefined;
  /** What is wrong, in words; empty if all is right. */
  readonly mistakes: readonly string[];
}

/**
 * Compares the summary of a run with the truth. `nothing` is the summary of the case that keeps nothing; undefined if
 * there is none, then what is held can't be told.
 */
export function checkCase(
  known: KnownCase,
  summary: RunSummary,
  nothing: RunSummary | undefined,
): CheckedCase {
  const measured = measureOf(known, summary, nothing);
  return {
    name: known.name,
    truth: describeTruth(known),
    verdict: summary.trend === undefined ? summary.verdict : `${summary.verdict}, ${summary.trend}`,
    measured,
    mistakes: [...verdictMistakes(known, summary), ...figureMistakes(known, measured)],
  };
}

/** Returns the outcome of a case whose run gave no summary, for a reason in words. */
export function failedCase(known: KnownCase, reason: string): CheckedCase {
  return {
    name: known.name,
    truth: describeTruth(known),
    verdict: '–',
    measured: undefined,
    mistakes: [reason],
  };
}

function describeTruth({ verdicts, owner, measure, wavesNeeded }: KnownCase): string {
  if (wavesNeeded !== undefined) return `open, run ${wavesNeeded} waves`;
  const truth = verdicts.includes('growing') ? 'leak' : 'no leak';
  return [
    verdicts.includes('inconclusive') ? `${truth}, or open` : truth,
    ...(measure === undefined ? [] : [`${measure.truthBytes} B`]),
    // What follows a comma explains the owner.
    ...(owner === undefined ? [] : [`in ${owners[owner].inSentence.split(',', 1)[0] ?? ''}`]),
  ].join(', ');
}

function verdictMistakes(known: KnownCase, summary: RunSummary): string[] {
  const { verdicts, owner, named, wavesNeeded } = known;
  const mistakes: string[] = [];
  if (summary.outcome !== 'completed') mistakes.push(summary.reason ?? summary.outcome);
  if (!verdicts.includes(summary.verdict)) {
    mistakes.push(`${summary.verdict} is wrong: ${summary.verdict_reason}`);
  } else if (summary.verdict === 'growing' && summary.trend !== 'steady') {
    // All of them leak at a constant rate.
    mistakes.push(`${summary.trend ?? 'no trend'} instead of steady: ${summary.verdict_reason}`);
  }
  if (named !== undefined && !named.test(summary.verdict_reason)) {
    mistakes.push(`${named.source} is not named: ${summary.verdict_reason}`);
  }
  const holder = summary.judgements.find((judgement) => judgement.owner === owner);
  if (owner !== undefined && !(holder !== undefined && verdicts.includes(holder.verdict))) {
    mistakes.push(`${owners[owner].inSentence}: ${holder?.verdict ?? 'no verdict'} is wrong`);
  }
  if (wavesNeeded !== undefined && summary.waves_needed !== wavesNeeded) {
    mistakes.push(`asks for ${summary.waves_needed ?? 'no'} waves instead of ${wavesNeeded}`);
  }
  return mistakes;
}

function figureMistakes({ measure }: KnownCase, measured: CheckedCase['measured']): string[] {
  if (measure === undefined) return [];
  if (measured === undefined) return [`no bytes instead of ${measure.truthBytes}`];
  const error = Math.abs(measured.bytes / measure.truthBytes - 1);
  if (error <= measure.toleranceShare) return [];
  return [`${measured.bytes.toFixed(0)} bytes instead of ${measure.truthBytes}`];
}

function measureOf(
  { measure, owner }: KnownCase,
  summary: RunSummary,
  nothing: RunSummary | undefined,
): CheckedCase['measured'] {
  if (measure?.kind === 'held') {
    const { bytes_per_connection: all, bytes_per_connection_low: low } = summary;
    const { bytes_per_connection_high: high } = summary;
    const without = nothing?.bytes_per_connection;
    if (all === undefined || low === undefined || high === undefined || without === undefined)
      return undefined;
    return { bytes: all - without, low: low - without, high: high - without };
  }
  // The whole includes the warming up of the others, some 10 B per connection.
  const growth = summary.judgements.find((judgement) => judgement.owner === owner) ?? summary;
  const { growth_bytes_per_connection: bytes } = growth;
  const { growth_bytes_per_connection_low: low, growth_bytes_per_connection_high: high } = growth;
  if (bytes === undefined || low === undefined || high === undefined) return undefined;
  const perConnection =
    measure?.kind === 'growth per message' ? summary.messages_sent / summary.connections_opened : 1;
  return { bytes: bytes / perConnection, low: low / perConnection, high: high / perConnection };
}

/** Writes the cases as a table for docs/verdict.md. */
export function formatCases(cases: readonly CheckedCase[]): string {
  const rows = cases.map(({ name, truth, verdict, measured, mistakes }) => {
    const figures =
      measured === undefined
        ? ['–', '–']
        : [
            `${wholeNumber(measured.bytes)} B`,
            `${wholeNumber(measured.low)} to ${wholeNumber(measured.high)} B`,
          ];
    return [name, truth, verdict, ...figures, mistakes.length === 0 ? 'yes' : 'no'];
  });
  const head = ['the server', 'truth', 'verdict', 'measured', '95 % interval', 'right'];
  return markdownTable(head, rows);
}

/** Without this, -0.4 would be written as -0. */
function wholeNumber(value: number): string {
  return String(Math.round(value) + 0);
}
