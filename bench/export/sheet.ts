import type { ColumnTable, Row } from '../results/sample-columns.js';
import { unitOfName } from '../results/unit-of-name.js';
import type { Sheet, SheetValue } from './ooxml/workbook.js';
import { timeFormat } from './ooxml/sheet-xml.js';

/** A column of a sheet: its name in the first row, its unit in the second. */
export interface SheetColumn {
  readonly name: string;
  readonly unit: string;
  /** As wide as its name or unit unless given. */
  readonly widthCharacters?: number;
}

/** Width of a column of times. */
export const timeWidthCharacters = timeFormat.length + 2;

/** Makes a sheet with its names and units on top, which stay there when it is scrolled. */
export function makeSheet(
  name: string,
  columns: readonly SheetColumn[],
  rows: readonly (readonly SheetValue[])[],
): Sheet {
  const head = [columns.map((column) => column.name), columns.map(({ unit }) => unit)];
  return {
    name,
    rows: [...head, ...rows],
    headRows: head.length,
    widthsCharacters: columns.map((column) => column.widthCharacters ?? widthOf(column)),
    charts: [],
  };
}

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

function widthOf({ name, unit }: SheetColumn): number {
  return Math.max(name.length, unit.length, 8) + 2;
}
