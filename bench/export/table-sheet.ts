import type { ColumnTable, Row } from '../results/sample-columns.js';
import { unitOfName } from '../results/unit-of-name.js';
import type { Sheet, SheetValue } from './ooxml/workbook.js';
import { makeSheet, timeWidthCharacters } from './sheet.js';

/** Makes a sheet of the rows of a CSV file, in its columns and with the types of their cells. */
export function makeTableSheet<Table extends ColumnTable>(
  name: string,
  table: Table,
  rows: readonly Row<Table>[],
): Sheet {
  const columns = Object.entries(table).map(([column, { type }]) => ({
    name: column,
    unit: type === 'time' ? 'UTC' : unitOfName(column),
    isTime: type === 'time',
    ...(type === 'time' ? { widthCharacters: timeWidthCharacters } : {}),
  }));
  return makeSheet(
    name,
    columns,
    rows.map((row) => {
      const values: Readonly<Record<string, string | number | undefined>> = row;
      return columns.map((column): SheetValue => {
        const value = values[column.name];
        return column.isTime && typeof value === 'string' ? timeOf(value) : value;
      });
    }),
  );
}

/** Returns a time as a date, and as it is if it is none. */
export function timeOf(text: string): Date | string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time;
}
