import type { ChartDefinition } from '../embedded/report-document.js';

/** Columns of numbers by name, of equal length. */
export type Columns = Readonly<Record<string, readonly (number | undefined)[]>>;

/** A chart with the columns that it is drawn from. */
export interface Chart {
  readonly definition: ChartDefinition;
  readonly columns: Columns;
}
