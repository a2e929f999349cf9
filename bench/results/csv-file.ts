import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import { messageOf, RunError } from '../../program/failure.js';
import type { ColumnDefinition, ColumnTable, Row } from './sample-columns.js';

/** A CSV file (RFC 4180, LF) that grows row by row; what has been appended is in the kernel's hands at once. */
export interface CsvFile<Table extends ColumnTable> {
  readonly path: string;
  /**
   * Appends rows in one write. If they don't fit (a full disk), the file is cut back to its last whole row.
   * @throws {RunError} if the rows could not be written.
   */
  readonly append: (rows: readonly Row<Table>[]) => void;
  readonly close: () => void;
}

/**
 * Creates a CSV file with its header line.
 * @throws {RunError} if the file exists or can't be written.
 */
export function createCsvFile<Table extends ColumnTable>(
  path: string,
  columns: Table,
): CsvFile<Table> {
  let length = 0;
  const file = openNew(path);
  const write = (text: string): void => {
    const bytes = Buffer.from(text);
    try {
      writeWhole(file, bytes);
    } catch (error) {
      ftruncateSync(file, length);
      throw new RunError(`Cannot write ${path}: ${messageOf(error)}; the rows before are kept`, {
        cause: error,
      });
    }
    length += bytes.length;
  };
  write(formatCsv(columns, []));
  return {
    path,
    append: (rows) => {
      write(formatRows(columns, rows));
    },
    close: () => {
      closeSync(file);
    },
  };
}

/** Writes a whole CSV file with its header line as a text. */
export function formatCsv<Table extends ColumnTable>(
  columns: Table,
  rows: readonly Row<Table>[],
): string {
  return stringify([Object.keys(columns)]) + formatRows(columns, rows);
}

function formatRows<Table extends ColumnTable>(
  columns: Table,
  rows: readonly Row<Table>[],
): string {
  return rows.map((row) => formatRow(columns, row)).join('');
}

/** Writes one row as a line of CSV. Numbers have `.` as decimal mark and no thousands marks; undefined is empty. */
export function formatRow<Table extends ColumnTable>(columns: Table, row: Row<Table>): string {
  const values: Readonly<Record<string, string | number | undefined>> = row;
  return stringify([
    Object.entries(columns).map(([name, definition]) => formatCell(definition, values[name])),
  ]);
}

function formatCell(definition: ColumnDefinition, value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') {
    switch (definition.type) {
      case 'time':
        return value.replace(/Z$/, '');
      case 'foreign text':
        // OWASP, "CSV Injection": what begins so is a formula to a spreadsheet.
        return /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
      default:
        return value;
    }
  }
  if (!Number.isFinite(value)) return '';
  const digits = definition.type === 'decimal' ? 3 : 0;
  // toFixed(), unlike String(), never writes an exponent; Number() takes the trailing zeros off again.
  return String(Number(value.toFixed(digits)));
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx');
  } catch (error) {
    throw new RunError(`Cannot create ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** write(2) may take less than it was given, for example on a disk that is nearly full; the rest then fails. */
function writeWhole(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(file, bytes, written);
  }
}
