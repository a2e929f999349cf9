import type { EncodedTable } from './encoded-column.js';
import type { Unit } from './format-value.js';

/** What the report's page gets to draw its charts from. */
export interface ReportDocument {
  /** When the run began, in milliseconds since 1970; null if no row tells. */
  readonly startedAtMs: number | null;
  readonly tables: Readonly<Record<string, EncodedTable>>;
  readonly spans: readonly PhaseSpan[];
  readonly charts: readonly ChartDefinition[];
}

/** A phase of a wave: the samples from its first to the first of the next phase. */
export interface PhaseSpan {
  /** 0: before the first wave. */
  readonly wave: number;
  readonly phase: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** Numbers of the first row and of the first row after it. */
  readonly fromRow: number;
  readonly toRow: number;
}

/** What runs along the x axis: seconds of the run, number of the wave, 100 ÷ (100 − percentile), or open connections. */
export type ChartKind = 'time' | 'wave' | 'percentile' | 'connections';

/** One chart. */
export interface ChartDefinition {
  readonly id: string;
  readonly kind: ChartKind;
  readonly title: string;
  /** What it shows, in a sentence or two. */
  readonly description: string;
  /** Name of its table in {@link ReportDocument.tables}, and of the column along x. */
  readonly table: string;
  readonly x: string;
  readonly leftUnit: Unit;
  readonly rightUnit?: Unit;
  readonly heightPixels: number;
  /** Areas and bars are stacked, the first at the bottom. */
  readonly series: readonly SeriesDefinition[];
}

/** One series of a chart, told apart from the others by colour and by texture or dashes. */
export interface SeriesDefinition {
  readonly column: string;
  readonly label: string;
  readonly unit: Unit;
  readonly form: SeriesForm;
  readonly tone: Tone;
  /** Of areas and bars. */
  readonly texture?: Texture;
  /** Of lines: lengths of dash and gap in pixels. */
  readonly dash?: readonly number[];
  readonly axis: 'left' | 'right';
  /** What it is drawn above, unless the reader wants all of it: its value before the first connection. Undefined: always all. */
  readonly baseline?: number;
}

/** How a series is drawn. `steps`: each value holds since the one before. */
export type SeriesForm = 'area' | 'bar' | 'line' | 'steps' | 'points';

/** A colour of Okabe and Ito's palette, which people with any colour vision tell apart; `ink` is that of text. */
export type Tone =
  'orange' | 'sky' | 'green' | 'yellow' | 'blue' | 'vermillion' | 'purple' | 'grey' | 'ink';

/** What an area is filled with, on top of its colour. */
export type Texture = 'plain' | 'rising' | 'falling' | 'level' | 'upright' | 'dots' | 'grid';
