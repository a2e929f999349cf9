import Table from 'cli-table3';
import stringWidth from 'string-width';

/** A table of text. Every row has as many cells as the head. */
export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Lines and spaces beside each cell, and the line at the end, in columns of the terminal. */
const besideCell = 3;
const atEnd = 1;

/**
 * Draws a table that is no wider than `width` columns of the terminal: as several ones if need be, each beginning with
 * the first column. A table of two columns is not divided any further.
 */
export function drawTable({ head, rows }: TextTable, width: number): string {
  const widths = head.map((name, index) =>
    Math.max(...[name, ...rows.map((row) => row[index] ?? '')].map((text) => stringWidth(text))),
  );
  return groupColumns(widths, width)
    .map((columns) =>
      drawWhole(
        pick(head, columns),
        rows.map((row) => pick(row, columns)),
      ),
    )
    .join('\n');
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

/** Returns which columns go into each table, by their indices. */
function groupColumns(widths: readonly number[], width: number): readonly (readonly number[])[] {
  const room = width - atEnd - besideCell - (widths[0] ?? 0);
  const groups: number[][] = [];
  let left = 0;
  for (const [index, cell] of widths.entries()) {
    if (index === 0) continue;
    const need = cell + besideCell;
    const group = groups.at(-1);
    if (group === undefined || need > left) {
      groups.push([0, index]);
      left = room - need;
    } else {
      group.push(index);
      left -= need;
    }
  }
  return groups;
}

function pick(cells: readonly string[], columns: readonly number[]): string[] {
  return columns.map((index) => cells[index] ?? '');
}

function drawWhole(head: string[], rows: string[][]): string {
  const table = newTable(head);
  table.push(...rows);
  return table.toString();
}
