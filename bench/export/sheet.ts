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

function widthOf({ name, unit }: SheetColumn): number {
  return Math.max(name.length, unit.length, 8) + 2;
}
