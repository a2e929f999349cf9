import { listDetails } from '../../loadgen/report/counts.js';
import { hintAtLosses } from '../../loadgen/report/hopeless.js';
import { bytesOrDash, capitalize, countOrDash } from '../../program/quantities.js';
import { drawTable, type TextTable } from './fitting-table.js';
import type { Judgement, RunSummary } from '../results/summary.js';
import { liveSourceNames, nameSources } from '../results/live-memory.js';
import { ownerKeys, owners } from '../results/owners.js';
import type { MemoryFigure, MemoryFigures } from '../results/wave-figures.js';
import { describeEvent } from '../results/run-event.js';
import { largestParts } from './connection-lines.js';

/**
 * Writes what the run found for people: waves, bytes per connection, latency, and what was wrong, if anything. Tables are
 * no wider than `width`, in columns of a terminal.
 */
export function formatSummary(summary: RunSummary, width = Infinity): string {
  return [
    ...[
      countsTable(summary),
      waveTable(summary),
      perConnectionTable(summary),
      latencyTable(summary),
      judgementTable(summary),
    ]
      .filter(({ rows }) => rows.length > 0)
      .map((table) => drawTable(table, width)),
    ...notes(summary),
  ].join('\n');
}

function countsTable(summary: RunSummary): TextTable {
  return {
    head: ['connections', 'asked', 'opened', 'greeted', 'failed', 'lost', 'closed'],
    rows: [
      [
        `${summary.waves_completed} of ${summary.waves_asked} waves`,
        countOrDash(summary.connections_asked),
        countOrDash(summary.connections_opened),
        countOrDash(summary.greetings_received),
        countOrDash(summary.connect_errors),
        countOrDash(summary.connections_lost),
        countOrDash(summary.connections_closed),
      ],
    ],
  };
}

function waveTable(summary: RunSummary): TextTable {
  const floors = (
    [
      ['RSS', 'rss_bytes'],
      ['PSS', 'pss_bytes'],
      ['private', 'private_bytes'],
      ['JS heap', 'js_heap_resident_bytes'],
      ['runtime heap', 'managed_heap_bytes'],
      ['malloc', 'malloc_bytes'],
      ['other', 'other_bytes'],
    ] as const
  ).filter(([, figure]) => summary.baseline[figure] !== undefined);
  const names = floors.map(([name]) => name);
  const cells = (figures: MemoryFigures | undefined): string[] =>
    floors.map(([, figure]) => bytesOrDash(figures?.[figure]));
  return {
    head: ['floor after', 'open in hold', 'opened /s', 'RSS in hold', ...names],
    rows: [
      ['baseline', '', '', '', ...cells(summary.baseline)],
      ...summary.waves.map((wave) => [
        `wave ${wave.wave}`,
        countOrDash(wave.hold_connections),
        countOrDash(wave.connect_rate_per_s),
        bytesOrDash(wave.hold?.rss_bytes),
        ...cells(wave.floor),
      ]),
    ],
  };
}

function perConnectionTable(summary: RunSummary): TextTable {
  const columns: readonly (readonly [string, MemoryFigure])[] = [
    ['RSS', 'rss_bytes'],
    ['PSS', 'pss_bytes'],
    ['private', 'private_bytes'],
    ...[
      ...ownerKeys
        .filter((owner) => owners[owner].place !== 'files')
        .map((owner) => [owners[owner].label, owners[owner].figure] as const),
      ['kernel, target', 'cgroup_kernel_bytes'] as const,
    ].filter(([, figure]) => summary.waves.some(({ hold }) => hold?.[figure] !== undefined)),
  ];
  const rows: string[][] = [];
  const row = (name: string, figures: MemoryFigures | undefined): void => {
    rows.push([name, ...columns.map(([, column]) => bytesOrDash(figures?.[column]))]);
  };
  for (const wave of summary.waves) {
    row(`wave ${wave.wave}: hold − baseline`, wave.per_connection_over_baseline);
    if (wave.wave > 1) row(`wave ${wave.wave}: hold − floor before`, wave.per_connection);
  }
  return { head: ['per connection', ...columns.map(([name]) => name)], rows };
}

function latencyTable(summary: RunSummary): TextTable {
  const percentiles = ['p50', 'p90', 'p99', 'p999', 'max'] as const;
  const measured = (['connect', 'greeting', 'echo'] as const).filter(
    (name) => summary[`${name}_p50_ms`] !== undefined,
  );
  return {
    head: ['latency, ms', 'p50', 'p90', 'p99', 'p99.9', 'max'],
    rows: measured.map((name) => [
      name,
      ...percentiles.map((each) => milliseconds(summary[`${name}_${each}_ms`])),
    ]),
  };
}

function judgementTable({ judgements }: RunSummary): TextTable {
  return {
    head: ['verdict', '', 'peak growth', 'stays', 'rise per connection opened'],
    rows: judgements.map((each) => [
      each.owner === 'whole' ? 'whole (private)' : owners[each.owner].label,
      each.trend === undefined ? each.verdict : `${each.verdict}, ${each.trend}`,
      bytesOrDash(each.peak_growth_bytes),
      bytesOrDash(each.retained_bytes),
      interval(each),
    ]),
  };
}

function interval(judgement: Judgement): string {
  const {
    growth_bytes_per_connection: growth,
    growth_bytes_per_connection_low: low,
    growth_bytes_per_connection_high: high,
  } = judgement;
  return growth === undefined
    ? '–'
    : `${bytesOrDash(growth)} (${bytesOrDash(low)} to ${bytesOrDash(high)})`;
}

function notes(summary: RunSummary): string[] {
  const errors = Object.entries(summary.errors).map(([code, count]) => `${count} × ${code}`);
  const { verdict, verdict_reason: reason } = summary;
  const hint = hintAtLosses({ ...summary, connections_lost_total: summary.connections_lost });
  return [
    `Verdict: ${verdict}. ${capitalize(reason)}`,
    ...(summary.waves_why === undefined ? [] : [`Waves: ${summary.waves_why}`]),
    ...slopeNote(summary),
    ...trimNote(summary),
    ...(errors.length === 0 ? [] : [`Errors: ${errors.join(', ')}`]),
    ...listDetails(summary).map((text) => `  ${text}`),
    ...(hint === undefined ? [] : [`Lost: ${hint}`]),
    ...refusedWaves(summary),
    ...(summary.samples_skipped === 0
      ? []
      : [`The sampler was late: ${summary.samples_skipped} samples were skipped`]),
    ...(summary.target_build === undefined ? [] : [`Server: ${summary.target_build}`]),
    ...summary.bottlenecks.map((text) => `Limited by the generator, ${text}`),
    ...summary.discrepancies.map((text) => `Does not add up: ${text}`),
    ...summary.events.map((event) => `Event: ${describeEvent(event)}`),
    ...(summary.counts_note === undefined ? [] : [capitalize(summary.counts_note)]),
    ...(summary.events_left === undefined ? [] : [`Event: and ${summary.events_left} more`]),
  ];
}

function refusedWaves({ waves }: RunSummary): string[] {
  return waves
    .filter((wave) => wave.connect_errors > wave.connections_opened)
    .map(
      ({ wave, connect_errors: failed, connections_opened: opened }) =>
        `Wave ${wave}: ${countOrDash(failed)} connections failed and ${countOrDash(opened)} were opened, so nothing is said per connection`,
    );
}

function slopeNote(summary: RunSummary): string[] {
  const { bytes_per_connection: slope, bytes_per_connection_low: low } = summary;
  const { live_bytes_per_connection: live } = summary;
  const counted =
    live === undefined
      ? []
      : [
          `Held per open connection, counted: ${bytesOrDash(live)} (${namesOfCounted(summary)})${namedNote(summary)}`,
          ...largestParts(summary).map((line) => `  ${line}`),
        ];
  if (slope === undefined) {
    // Where nothing was opened, that has been said.
    return summary.waves.length === 0 || summary.connections_opened === 0
      ? []
      : [
          'Private memory per open connection cannot be told: it did not rise with the connections, because memory of earlier load is used again',
          ...counted,
        ];
  }
  return [
    `Private memory per open connection: ${bytesOrDash(slope)} (95 % interval ${bytesOrDash(low)} to ${bytesOrDash(summary.bytes_per_connection_high)}; slope over the first ramp and hold)`,
    ...counted,
  ];
}

/** Not told where it can't be right: the two are of the first hold and of the middle one. */
function namedNote({
  live_bytes_per_connection: live = 0,
  named_bytes_per_connection: named = 0,
  named_share_of_private: share,
}: RunSummary): string {
  if (named <= 0 || named > live) return '';
  const ofPrivate =
    share === undefined ? '' : `: ${(100 * share).toFixed(0)} % of the private memory`;
  return `; ${bytesOrDash(named)} of it have a name${ofPrivate}`;
}

function trimNote({ trim }: RunSummary): string[] {
  if (trim === undefined) return [];
  return trim.processes === 0
    ? [
        'Trimmed: no process could be asked to; JVMs (from 17 on, with jcmd) and Python programs that the bench starts can',
      ]
    : [`Trimmed: ${bytesOrDash(trim.given_back_bytes)} came back when the allocator was asked`];
}

function namesOfCounted({ baseline_live: live = {} }: RunSummary): string {
  return nameSources(liveSourceNames.filter((source) => live[source] !== undefined));
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(1);
}
