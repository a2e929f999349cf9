/** What a cell can hold. An undefined one stays empty: not available here. */
export type SheetValue = string | number | boolean | Date | undefined;

/** A sheet of a workbook. */
export interface Sheet {
  /** No more than 31 characters, and none of `[]:*?/\\'`. */
  readonly name: string;
  readonly rows: readonly (readonly SheetValue[])[];
  /** Rows at the top that stay there when it is scrolled, and are printed on every page. The first of them is bold. */
  readonly headRows: number;
  /** Of each column, in characters; the others are as wide as usual. */
  readonly widthsCharacters: readonly number[];
  /** From top to bottom, a page each. */
  readonly charts: readonly PlacedChart[];
}

/** A chart and the cells that it covers, the first row and column being 0. */
export interface PlacedChart extends Chart {
  readonly place: {
    readonly row: number;
    readonly rows: number;
    readonly columns: number;
  };
}

/** A chart over ranges of cells. */
export interface Chart {
  readonly title: string;
  /** `lines` and `points` are drawn over numbers along x, `columns` are stacked over names. */
  readonly kind: 'lines' | 'points' | 'columns';
  readonly xTitle: string;
  readonly yTitle: string;
  /** How the numbers along y are written, as in a cell. */
  readonly yFormat: string;
  readonly series: readonly ChartSeries[];
}

/** A series of a chart. */
export interface ChartSeries {
  readonly label: string;
  /** `#rrggbb`. */
  readonly colour: `#${string}`;
  /** Ranges such as `'samples'!$B$3:$B$90`. */
  readonly x: string;
  readonly y: string;
}

/** Returns the letters by which a spreadsheet calls a column, the first being 0: `A`, …, `Z`, `AA`, …. */
export function lettersOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : `${lettersOf(Math.floor(index / 26) - 1)}${last}`;
}

/** Returns the cells of a column below the head of its sheet, as a chart refers to them. */
export function rangeOf({ name, headRows, rows }: Sheet, column: number): string {
  const letters = lettersOf(column);
  return `'${name}'!$${letters}$${headRows + 1}:$${letters}$${rows.length}`;
}
