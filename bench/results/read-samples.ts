import { parse } from 'csv-parse/sync';
import {
  type ColumnTable,
  phases,
  sampleColumns,
  type SampleRow,
  workerColumns,
  type WorkerRow,
} from './sample-columns.js';

/** The rows of samples.csv, and whether what is behind the last whole one was left out. */
export interface ParsedSamples {
  readonly rows: readonly SampleRow[];
  readonly isCut: boolean;
}

/** Without these a row can't be placed in the run. */
const neededColumns = ['timestamp', 'elapsed_s', 'wave', 'phase'] as const;

/**
 * Reads the text of samples.csv. A run that was killed may have left part of a row at the end, which is left out, as is
 * everything from the first row on that can't be one. An older file may lack columns; they are not available then.
 * @throws {SyntaxError} if the text does not begin with the header of a samples.csv.
 */
export function parseSamples(text: string): ParsedSamples {
  return parseTable(text, 'samples.csv', sampleColumns, (row): row is SampleRow => isPlaced(row));
}

/**
 * Reads the rows of the text of workers.csv, as {@link parseSamples} does.
 * @throws {SyntaxError} if the text does not begin with the header of a workers.csv.
 */
export function parseWorkers(text: string): readonly WorkerRow[] {
  return parseTable(text, 'workers.csv', workerColumns, (row): row is WorkerRow => isPlaced(row))
    .rows;
}

/** A row whose values are each of the type that its column's definition gives them. */
type UncheckedRow = Readonly<Record<string, string | number | undefined>>;

function parseTable<Row extends UncheckedRow>(
  text: string,
  file: string,
  columns: ColumnTable,
  isRow: (row: UncheckedRow) => row is Row,
): { readonly rows: readonly Row[]; readonly isCut: boolean } {
  const lines: string[][] = parse(text, {
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  const header = lines[0] ?? [];
  const missing = neededColumns.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new SyntaxError(`is no ${file}: it has no column ${missing.join(', ')}`);
  }
  const isWhole = /\n$/.test(text);
  const cells = isWhole ? lines.slice(1) : lines.slice(1, -1);
  const rows: Row[] = [];
  for (const each of cells) {
    const row = each.length === header.length ? readRow(columns, header, each) : undefined;
    if (row === undefined || !isRow(row)) return { rows, isCut: true };
    rows.push(row);
  }
  return { rows, isCut: !isWhole };
}

function readRow(
  columns: ColumnTable,
  header: readonly string[],
  cells: readonly string[],
): UncheckedRow {
  const found = new Map(header.map((name, index) => [name, cells[index] ?? '']));
  const row: Record<string, string | number | undefined> = {};
  for (const [name, { type }] of Object.entries(columns)) {
    const cell = found.get(name) ?? '';
    row[name] = type === 'text' ? cell : type === 'time' ? readTime(cell) : readNumber(cell);
  }
  return row;
}

/** What can't be missing. */
function isPlaced(row: UncheckedRow): boolean {
  const { elapsed_s: elapsed, wave, phase } = row;
  return elapsed !== undefined && wave !== undefined && phases.some((each) => each === phase);
}

/** Times are UTC; the file leaves out the `Z` for the sake of spreadsheets. */
function readTime(cell: string): string {
  return cell.endsWith('Z') ? cell : `${cell}Z`;
}

/** Reads a cell of a number; undefined if it is empty, or none. */
export function readNumber(cell: string): number | undefined {
  const value = cell.trim() === '' ? NaN : Number(cell);
  return Number.isFinite(value) ? value : undefined;
}
