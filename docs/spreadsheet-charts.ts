import { sampleColumns } from '../bench/results/sample-columns.js';

type SampleColumn = keyof typeof sampleColumns;

/** A chart to make of samples.csv in a spreadsheet. */
export interface SpreadsheetChart {
  readonly title: string;
  /** What Calc and Excel call its kind. */
  readonly kind: string;
  readonly x: string;
  readonly y: readonly string[];
  readonly shows: string;
}

/** Returns the letters by which a spreadsheet calls a column of samples.csv: `A`, …, `Z`, `AA`, …. */
export function lettersOf(column: SampleColumn): string {
  const index = Object.keys(sampleColumns).indexOf(column);
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : `${String.fromCharCode(64 + Math.floor(index / 26))}${last}`;
}

/** Returns the formula for the floor of a wave: the lowest RSS of its rest. */
export function floorFormula(wave: number): string {
  const whole = (column: SampleColumn): string => `${lettersOf(column)}:${lettersOf(column)}`;
  return `=MINIFS(${whole('rss_bytes')},${whole('wave')},${wave},${whole('phase')},"rest")`;
}

/** The three charts that tell most. */
export const spreadsheetCharts: readonly SpreadsheetChart[] = [
  {
    title: 'Memory by owner',
    kind: 'area, stacked',
    x: named('elapsed_s'),
    y: (
      [
        'js_heap_resident_bytes',
        'managed_heap_bytes',
        'native_malloc_bytes',
        'native_stacks_bytes',
        'native_file_bytes',
        'native_other_bytes',
      ] as const
    ).map(named),
    shows: 'which owner takes part in the tide, and which stays; together they are RSS',
  },
  {
    title: 'Memory against connections',
    kind: 'XY scatter, points only',
    x: named('connections'),
    y: [named('rss_bytes')],
    shows:
      'bytes per connection, as the slope; ways up and down that differ are memory that is not given back',
  },
  {
    title: 'Floors per wave',
    kind: 'column',
    x: 'the numbers of the waves: 1, 2, … in a column of their own',
    y: [`\`${floorFormula(1)}\` beside wave 1, and so on`],
    shows: 'whether memory comes back: level floors are kept once, rising ones are a leak',
  },
];

function named(column: SampleColumn): string {
  return `\`${column}\` (${lettersOf(column)})`;
}
