import Table from 'cli-table3';
import { formatBytes } from '../options/quantities.js';
import type { RunSummary, WaveSummary } from './summary.js';
import type { MemoryColumn, MemoryFigures } from './wave-figures.js';

/** Writes what the run found for people: waves, bytes per connection, latency, and what was wrong, if anything. */
export function formatSummary(summary: RunSummary): string {
  return [
    countsTable(summary),
    waveTable(summary),
    perConnectionTable(summary),
    latencyTable(summary),
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
  const table = newTable([
    'wave',
    'open in hold',
    'rate /s',
    'RSS hold',
    'RSS floor',
    'PSS floor',
    'JS floor',
    'native floor',
  ]);
  table.push([
    'baseline',
    '',
    '',
    '',
    bytes(summary.baseline.rss_bytes),
    bytes(summary.baseline.pss_bytes),
    bytes(summary.baseline.js_heap_resident_bytes),
    bytes(summary.baseline.native_bytes),
  ]);
  for (const wave of summary.waves) {
    table.push([
      String(wave.wave),
      number(wave.hold_connections),
      number(wave.connect_rate_per_s),
      bytes(wave.hold?.rss_bytes),
      bytes(wave.floor?.rss_bytes),
      bytes(wave.floor?.pss_bytes),
      bytes(wave.floor?.js_heap_resident_bytes),
      bytes(wave.floor?.native_bytes),
    ]);
  }
  return table.toString();
}

function perConnectionTable(summary: RunSummary): string {
  const columns: readonly [string, MemoryColumn][] = [
    ['RSS', 'rss_bytes'],
    ['PSS', 'pss_bytes'],
    ['JS heap', 'js_heap_resident_bytes'],
    ['native', 'native_bytes'],
    ['kernel sockets', 'kernel_sockets_bytes'],
  ];
  const table = newTable(['bytes per connection', ...columns.map(([name]) => name)]);
  const row = (name: string, figures: MemoryFigures | undefined): void => {
    table.push([name, ...columns.map(([, column]) => bytes(figures?.[column]))]);
  };
  for (const wave of summary.waves) {
    row(`wave ${wave.wave}: hold − floor before`, wave.per_connection);
    row(`wave ${wave.wave}: hold − baseline`, overBaseline(wave, summary.baseline));
  }
  return table.toString();
}

function overBaseline(wave: WaveSummary, baseline: MemoryFigures): MemoryFigures {
  const { hold = {}, hold_connections: connections = 0 } = wave;
  const figures: Partial<Record<MemoryColumn, number>> = {};
  for (const [column, held] of Object.entries(hold) as [MemoryColumn, number][]) {
    const before = baseline[column];
    if (before !== undefined && connections > 0) figures[column] = (held - before) / connections;
  }
  return figures;
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

function notes(summary: RunSummary): string[] {
  const errors = Object.entries(summary.errors).map(([code, count]) => `${count} × ${code}`);
  return [
    ...(errors.length === 0 ? [] : [`Errors: ${errors.join(', ')}`]),
    ...(summary.samples_skipped === 0
      ? []
      : [`The sampler was late: ${summary.samples_skipped} samples were skipped`]),
    ...summary.bottlenecks.map((text) => `Limited by the generator, ${text}`),
    ...summary.discrepancies.map((text) => `Does not add up: ${text}`),
  ];
}

function newTable(head: string[]): Table.Table {
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
