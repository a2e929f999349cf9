import type { RunSummary } from '../bench/summary.js';
import type { KnownCase } from './cases.js';

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

/** Compares the summary of a run with the truth. `nothing` is the summary of the case that keeps nothing. */
export function checkCase(known: KnownCase, summary: RunSummary, nothing: RunSummary): CheckedCase {
  const { name, verdicts, measure, wavesNeeded } = known;
  const mistakes: string[] = [];
  if (summary.outcome !== 'completed') mistakes.push(summary.reason ?? summary.outcome);
  if (!verdicts.includes(summary.verdict)) {
    mistakes.push(`${summary.verdict} is wrong: ${summary.verdict_reason}`);
  }
  if (wavesNeeded !== undefined && summary.waves_needed !== wavesNeeded) {
    mistakes.push(`asks for ${summary.waves_needed ?? 'no'} waves instead of ${wavesNeeded}`);
  }
  const measured = measureOf(known, summary, nothing);
  if (measure !== undefined) {
    const error =
      measured === undefined ? Infinity : Math.abs(measured.bytes / measure.truthBytes - 1);
    if (!(error <= measure.toleranceShare)) {
      mistakes.push(`${measured?.bytes.toFixed(0) ?? 'no'} bytes instead of ${measure.truthBytes}`);
    }
  }
  return {
    name,
    truth: [
      verdicts.join(' or '),
      ...(measure === undefined ? [] : [`${measure.truthBytes} B`]),
    ].join(', '),
    verdict: summary.trend === undefined ? summary.verdict : `${summary.verdict}, ${summary.trend}`,
    measured,
    mistakes,
  };
}

function measureOf(
  { measure }: KnownCase,
  summary: RunSummary,
  nothing: RunSummary,
): CheckedCase['measured'] {
  if (measure?.kind === 'held') {
    const { bytes_per_connection: all, bytes_per_connection_low: low } = summary;
    const { bytes_per_connection_high: high } = summary;
    const without = nothing.bytes_per_connection;
    if (all === undefined || low === undefined || high === undefined || without === undefined)
      return undefined;
    return { bytes: all - without, low: low - without, high: high - without };
  }
  const { growth_bytes_per_connection: bytes } = summary;
  const { growth_bytes_per_connection_low: low, growth_bytes_per_connection_high: high } = summary;
  if (bytes === undefined || low === undefined || high === undefined) return undefined;
  const perConnection =
    measure?.kind === 'growth per message' ? summary.messages_sent / summary.connections_opened : 1;
  return { bytes: bytes / perConnection, low: low / perConnection, high: high / perConnection };
}

/** Writes the cases as a table for the README. */
export function formatCases(cases: readonly CheckedCase[]): string {
  const rows = cases.map(({ name, truth, verdict, measured, mistakes }) => {
    const figures =
      measured === undefined
        ? ['–', '–']
        : [
            `${measured.bytes.toFixed(0)} B`,
            `${measured.low.toFixed(0)} to ${measured.high.toFixed(0)} B`,
          ];
    return [name, truth, verdict, ...figures, mistakes.length === 0 ? 'yes' : 'no'];
  });
  const head = ['the server', 'truth', 'verdict', 'measured', '95 % interval', 'right'];
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
