import { codeSpan, markdownTable } from '../../program/markdown.js';
import { drawTable, type TextTable } from '../terminal/fitting-table.js';
import { formatBytes, formatCount } from '../../program/quantities.js';
import type { Cell, Comparison, Difference } from './compare-runs.js';
import type { RowUnit } from './compared-rows.js';

const legend = [
  'more than noise (N): the difference exceeds N, the 95 % bound of the intervals of both runs, or of the scatter of their waves.',
  '?: how much it scatters is not known. –: not measured. Starts of a server differ too: repeat a run to see by how much.',
];

/**
 * Writes a comparison for people: a table, what its marks mean, and the notes. The table is no wider than `width` columns of
 * a terminal, as several ones if need be.
 */
export function formatComparison(comparison: Comparison, width = Infinity): string {
  const table = tableOf(comparison);
  return [drawTable(table, width), ...legend, ...comparison.notes].join('\n');
}

/** Writes a comparison as Markdown. What the runs themselves say stands in code, where it is no markup. */
export function formatComparisonMarkdown(comparison: Comparison): string {
  const { head, rows } = tableOf(comparison);
  const cells = rows.map(([label = '', ...values]) => [
    label,
    ...values.map((value) => (value === '' ? '' : codeSpan(value))),
  ]);
  const names = head.map((name) => (name === '' ? '' : codeSpan(name)));
  return [
    markdownTable(names, cells),
    ...legend,
    ...comparison.notes.map((note) => `- ${codeSpan(note)}`),
  ].join('\n\n');
}

function tableOf({ runs, rows }: Comparison): TextTable {
  const heads = runs.flatMap(({ name }, index) =>
    index === 0 ? [name] : [name, 'difference', 'against the noise'],
  );
  return {
    head: ['', ...heads],
    rows: rows.map(({ label, unit, cells }) => [
      label,
      ...cells.flatMap((cell) => formatCell(cell, unit)),
    ]),
  };
}

function formatCell(cell: Cell, unit: RowUnit): string[] {
  const value = cell.value === undefined ? '–' : formatValue(cell.value, unit);
  const { low, high, difference } = cell;
  const interval =
    low === undefined || high === undefined
      ? ''
      : ` (${formatValue(low, unit)} to ${formatValue(high, unit)})`;
  if (difference === undefined) return [`${value}${interval}`];
  return [`${value}${interval}`, formatAmount(difference, unit), formatMark(difference, unit)];
}

/** Writes what a value differs by, and whether that is more than noise, as one phrase; `–` if nobody knows. */
export function formatDifference(difference: Difference, unit: RowUnit): string {
  const amount = formatAmount(difference, unit);
  if (difference.state === 'unknown') {
    return difference.amount === undefined ? amount : `${amount}, noise not known`;
  }
  const mark = formatMark(difference, unit);
  return mark === '' ? amount : `${amount}, ${mark}`;
}

function formatAmount(difference: Difference, unit: RowUnit): string {
  if (difference.state === 'equal') return '=';
  if (difference.amount === undefined) return difference.state === 'different' ? '≠' : '–';
  const { amount, percent } = difference;
  const signed = `${amount > 0 ? '+' : ''}${formatValue(amount, unit)}`;
  if (percent === undefined) return signed;
  return `${signed} (${percent > 0 ? '+' : ''}${percent.toFixed(1)} %)`;
}

function formatMark(difference: Difference, unit: RowUnit): string {
  switch (difference.state) {
    case 'equal':
    case 'different':
      return '';
    case 'more':
      return `more than noise (${formatValue(difference.noise, unit)})`;
    case 'within':
      return `within noise (${formatValue(difference.noise, unit)})`;
    case 'unknown':
      return '?';
  }
}

function formatValue(value: number | string, unit: RowUnit): string {
  if (typeof value === 'string') return value;
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'ms':
      return `${value.toFixed(1)} ms`;
    case 'per_s':
      return `${formatCount(value)}/s`;
    case 'count':
    case 'text':
      return formatCount(value);
  }
}
