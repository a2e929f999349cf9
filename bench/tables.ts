import Table from 'cli-table3';
import { formatBytes } from '../options/quantities.js';
import type { RunSummary } from './summary.js';
import type { Judgement } from './verdict/judge-floors.js';
import type { MemoryFigure, MemoryFigures } from './wave-figures.js';

/** Writes what the run found for people: waves, bytes per connection, latency, and what was wrong, if anything. */
export function formatSummary(summary: RunSummary): string {
  return [
    countsTable(summary),
    waveTable(summary),
    perConnectionTable(summary),
    latencyTable(summary),
    judgementTable(summary),
    ...notes(summary),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function countsTable(summary: RunSummary): string {
  const table = newTable(['connections', 'asked', 'opened', 'greeted', 'failed', 'lost', 'closed']);
  table.push([
    `${summary.waves_completed} of ${summary.waves_asked} waves`,
    number(summary.connections_asked),
    number(summary.connections_opened),
    number(summary.greetings_received),
    number(summary.connect_errors),
    number(summary.connections_lost),
    number(summary.connections_closed),
  ]);
  return table.toString();
}

function waveTable(summary: RunSummary): string {
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
  const table = newTable([
    'floor after',
    'open in hold',
    'opened /s',
    'RSS in hold',
    ...floors.map(([name]) => name),
  ]);
  const cells = (figures: MemoryFigures | undefined): string[] =>
    floors.map(([, figure]) => bytes(figures?.[figure]));
  table.push(['baseline', '', '', '', ...cells(summary.baseline)]);
  for (const wave of summary.waves) {
    table.push([
      `wave ${wave.wave}`,
      number(wave.hold_connections),
      number(wave.connect_rate_per_s),
      bytes(wave.hold?.rss_bytes),
      ...cells(wave.floor),
    ]);
  }
  return table.toString();
}

function perConnectionTable(summary: RunSummary): string {
  const columns: readonly [string, MemoryFigure][] = [
    ['RSS', 'rss_bytes'],
    ['PSS', 'pss_bytes'],
    ['private', 'private_bytes'],
    ['JS heap', 'js_heap_resident_bytes'],
    ['native', 'native_private_bytes'],
    ['malloc', 'malloc_bytes'],
    ['kernel', 'kernel_bytes'],
  ];
  const table = newTable(['per connection', ...columns.map(([name]) => name)]);
  const row = (name: string, figures: MemoryFigures | undefined): void => {
    table.push([name, ...columns.map(([, column]) => bytes(figures?.[column]))]);
  };
  for (const wave of summary.waves) {
    row(`wave ${wave.wave}: hold − baseline`, wave.per_connection_over_baseline);
    if (wave.wave > 1) row(`wave ${wave.wave}: hold − floor before`, wave.per_connection);
  }
  return table.toString();
}

function latencyTable(summary: RunSummary): string {
  const table = newTable(['latency, ms', 'p50', 'p90', 'p99', 'p99.9', 'max']);
  for (const name of ['connect', 'greeting', 'echo'] as const) {
    if (summary[`${name}_p50_ms`] === undefined) continue;
    const percentiles = ['p50', 'p90', 'p99', 'p999', 'max'] as const;
    table.push([name, ...percentiles.map((each) => milliseconds(summary[`${name}_${each}_ms`]))]);
  }
  return table.length === 0 ? '' : table.toString();
}

function judgementTable({ judgements }: RunSummary): string {
  if (judgements.length === 0) return '';
  const table = newTable(['verdict', '', 'peak growth', 'stays', 'rise per connection opened']);
  for (const each of judgements) {
    table.push([
      each.owner === 'whole' ? 'whole (private)' : each.owner.replaceAll('_', ' '),
      each.trend === undefined ? each.verdict : `${each.verdict}, ${each.trend}`,
      bytes(each.peak_growth_bytes),
      bytes(each.retained_bytes),
      interval(each),
    ]);
  }
  return table.toString();
}

function interval(judgement: Judgement): string {
  const {
    growth_bytes_per_connection: growth,
    growth_bytes_per_connection_low: low,
    growth_bytes_per_connection_high: high,
  } = judgement;
  return growth === undefined ? '–' : `${bytes(growth)} (${bytes(low)} to ${bytes(high)})`;
}

function notes(summary: RunSummary): string[] {
  const errors = Object.entries(summary.errors).map(([code, count]) => `${count} × ${code}`);
  const { verdict, verdict_reason: reason } = summary;
  return [
    `Verdict: ${verdict}. ${capitalize(reason)}`,
    ...slopeNote(summary),
    ...(errors.length === 0 ? [] : [`Errors: ${errors.join(', ')}`]),
    ...(summary.samples_skipped === 0
      ? []
      : [`The sampler was late: ${summary.samples_skipped} samples were skipped`]),
    ...summary.bottlenecks.map((text) => `Limited by the generator, ${text}`),
    ...summary.discrepancies.map((text) => `Does not add up: ${text}`),
  ];
}

function slopeNote(summary: RunSummary): string[] {
  const { bytes_per_connection: slope, bytes_per_connection_low: low } = summary;
  if (slope === undefined) return [];
  return [
    `Private memory per open connection: ${bytes(slope)} (95 % interval ${bytes(low)} to ${bytes(summary.bytes_per_connection_high)}; slope over the first ramp and hold)`,
  ];
}

function capitalize(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** Returns an empty table, its first column to the left and the others to the right. */
export function newTable(head: string[]): Table.Table {
  return new Table({
    head,
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    // Colours are for terminals, and the same table goes to files and pipes.
    style: { head: [], border: [], compact: true },
  });
}

function bytes(value: number | undefined): string {
  return value === undefined ? '–' : formatBytes(value);
}

function number(value: number | undefined): string {
  return value === undefined ? '–' : Math.round(value).toLocaleString('en-US');
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(1);
}
