import { codeBlock, codeSpan, markdownTable } from '../../program/markdown.js';
import { bytesOrDash, formatBytes, formatCount } from '../../program/quantities.js';
import { describeOutcome } from '../assertions/outcome.js';
import { describeEvent } from '../results/run-event.js';
import type { RunSummary } from '../results/summary.js';
import { largestParts } from '../terminal/connection-lines.js';
import type { Differences } from './differences.js';
import type { CheckedAssertion } from './junit.js';

const marks = { holds: '✅', fails: '❌', unknown: '❓' } as const;

/**
 * Writes what a run found in a few lines of Markdown, for the summary of a CI job or an issue: the verdict with its reason, the
 * figures that people look for first, what a connection is made of, and what the run said to its assertions. Texts of the
 * target stand in code, where they are no markup.
 * @param summary of the run
 * @param checked its assertions, in their order
 * @param failure why the run failed, or is not to be trusted; undefined if it did not
 * @param differences from an earlier run, which get a column of their own
 */
export function writeSummaryMarkdown(
  summary: RunSummary,
  checked: readonly CheckedAssertion[],
  failure: string | undefined,
  differences?: Differences,
): string {
  const parts = largestParts(summary);
  const notes = [
    ...summary.discrepancies.map((text) => `does not add up: ${text}`),
    ...summary.bottlenecks.map((text) => `limited by the generator: ${text}`),
    ...summary.events.map(describeEvent),
    ...(differences?.notes ?? []),
  ];
  return [
    `### Tidemark: ${failure === undefined ? summary.verdict : 'the run failed'}`,
    codeBlock(failure ?? summary.verdict_reason),
    figureTable(summary, differences),
    ...(parts.length === 0 ? [] : ['An open connection holds:', listOf(parts)]),
    ...(checked.length === 0 ? [] : [assertionTable(checked)]),
    ...(notes.length === 0 ? [] : ['Also:', listOf(notes)]),
    `<sub>Tidemark ${summary.tidemark_version}, ${codeSpan(summary.target_build ?? summary.target)}, ${summary.started_at}</sub>`,
    '',
  ].join('\n\n');
}

function figureTable(summary: RunSummary, differences: Differences | undefined): string {
  const rows = figureRows(summary);
  if (differences === undefined) {
    const cells = rows.map(({ label, value }) => [label, value]);
    return markdownTable(['', ''], cells);
  }
  return markdownTable(
    ['', 'this run', `difference from ${differences.earlier}`],
    [{ label: 'verdict', value: summary.verdict, fields: ['verdict'] }, ...rows].map(
      ({ label, value, fields = [] }) => [
        label,
        value,
        fields.map((field) => differences.of(field)).join(' and '),
      ],
    ),
  );
}

interface FigureRow {
  readonly label: string;
  readonly value: string;
  /** The fields of summary.json that it shows, by which runs are compared. */
  readonly fields?: readonly string[];
}

function figureRows(summary: RunSummary): readonly FigureRow[] {
  const { bytes_per_connection: each, bytes_per_connection_low: low } = summary;
  const { growth_bytes_per_connection: growth, live_bytes_per_connection: held } = summary;
  const [whole] = summary.judgements;
  const rows: readonly (readonly [string, string | undefined, ...string[]])[] = [
    [
      'connections',
      `${formatCount(summary.connections_opened)} opened in ${summary.waves_completed} waves, ${formatCount(summary.connect_errors)} failed, ${formatCount(summary.connections_lost)} lost`,
    ],
    [
      'private memory per open connection',
      each === undefined
        ? undefined
        : `${formatBytes(each)} (${bytesOrDash(low)} to ${bytesOrDash(summary.bytes_per_connection_high)})`,
      'bytes_per_connection',
    ],
    [
      'held per open connection, counted',
      held === undefined ? undefined : formatBytes(held),
      'live_bytes_per_connection',
    ],
    [
      'stays after the last wave',
      whole === undefined
        ? undefined
        : `${formatBytes(whole.retained_bytes)} of ${formatBytes(whole.peak_growth_bytes)}`,
    ],
    [
      'rise per connection opened',
      growth === undefined
        ? undefined
        : `${formatBytes(growth)} (${bytesOrDash(summary.growth_bytes_per_connection_low)} to ${bytesOrDash(summary.growth_bytes_per_connection_high)})`,
      'growth_bytes_per_connection',
    ],
    [
      'connect, median and 99th percentile',
      summary.connect_p50_ms === undefined || summary.connect_p99_ms === undefined
        ? undefined
        : `${summary.connect_p50_ms.toFixed(1)} and ${summary.connect_p99_ms.toFixed(1)} ms`,
      'connect_p50_ms',
      'connect_p99_ms',
    ],
  ];
  return rows.flatMap(([label, value, ...fields]) =>
    value === undefined ? [] : [{ label, value, fields }],
  );
}

function assertionTable(checked: readonly CheckedAssertion[]): string {
  return markdownTable(
    ['', 'assertion'],
    checked.map(({ assertion, outcome }) => [
      marks[outcome.state],
      codeSpan(describeOutcome(assertion, outcome)),
    ]),
  );
}

function listOf(lines: readonly string[]): string {
  return lines.map((line) => `- ${codeSpan(line.trim())}`).join('\n');
}
