import { parse } from 'csv-parse/sync';
import { phases, sampleColumns, type SampleRow } from './sample-columns.js';

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
  const lines: string[][] = parse(text, {
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  const header = lines[0] ?? [];
  const missing = neededColumns.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new SyntaxError(`is no samples.csv: it has no column ${missing.join(', ')}`);
  }
  const isWhole = /\n$/.test(text);
  const cells = isWhole ? lines.slice(1) : lines.slice(1, -1);
  const rows: SampleRow[] = [];
  for (const each of cells) {
    const row = readRow(header, each);
    if (row === undefined) return { rows, isCut: true };
    rows.push(row);
  }
  return { rows, isCut: !isWhole };
}

function readRow(header: readonly string[], cells: readonly string[]): SampleRow | undefined {
  if (cells.length !== header.length) return undefined;
  const found = new Map(header.map((name, index) => [name, cells[index] ?? '']));
  const row: Record<string, string | number | undefined> = {};
  for (const [name, { type }] of Object.entries(sampleColumns)) {
    const cell = found.get(name) ?? '';
    row[name] = type === 'text' ? cell : type === 'time' ? readTime(cell) : readNumber(cell);
  }
  // Each value is of the type that its column's definition gives it; what can't be missing is checked here.
  const read = row as SampleRow;
  const isPlaced = read.elapsed_s !== undefined && read.wave !== undefined;
  return isPlaced && phases.some((phase) => phase === read.phase) ? read : undefined;
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
