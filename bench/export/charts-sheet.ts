import { undividedMemory } from '../report/charts/memory-owners.js';
import { tones } from '../report/html/tones.js';
import { sampleColumns } from '../results/sample-columns.js';
import type { ComputedSheet } from './computed-sheets.js';
import { type Chart, type ChartSeries, rangeOf, type Sheet } from './ooxml/workbook.js';

/** The sentence above a chart, which says why where there is no chart. */
interface Block {
  readonly text: string;
  readonly chart?: Chart;
}

/** Cells that a chart covers, in usual sizes: together with its sentence a page in landscape. */
const chartRows = 26;
const chartColumns = 10;
const blockRows = chartRows + 2;

/** Millions of bytes: number formats have no binary units. */
const megabytes = { yTitle: 'MB (1,000,000 bytes)', yFormat: '#,##0.0##,,' } as const;

/** What the charts are drawn from. An undefined sheet could not be made. */
export interface ChartSources {
  /** The sheet of samples.csv, with its columns in their order. */
  readonly samples: Sheet;
  readonly aboveBaseline: ComputedSheet | undefined;
  readonly floors: ComputedSheet | undefined;
}

/** Makes the sheet with the charts, one below the other. */
export function makeChartsSheet({ samples, aboveBaseline, floors }: ChartSources): Sheet {
  const blocks = [drawAboveBaseline(aboveBaseline), drawConnections(samples), drawFloors(floors)];
  return {
    name: 'charts',
    rows: blocks.flatMap(({ text }) => [[text], ...Array<[]>(blockRows - 1).fill([])]),
    headRows: 0,
    widthsCharacters: [],
    charts: blocks.flatMap(({ chart }, index) => {
      const place = { row: index * blockRows + 1, rows: chartRows, columns: chartColumns };
      return chart === undefined ? [] : [{ ...chart, place }];
    }),
  };
}

/** Lines rather than areas: an owner may fall below its baseline, and rows are not always one interval apart. */
function drawAboveBaseline(computed: ComputedSheet | undefined): Block {
  const title = 'Memory by owner, above the baseline';
  if (computed === undefined) {
    return { text: `${title}: left out, the run has no sample of memory in its baseline` };
  }
  return {
    text: `${title}: which owner takes part in the tide, and which stays (sheet “${computed.sheet.name}”)`,
    chart: {
      title,
      kind: 'lines',
      xTitle: 'Seconds since the run began',
      ...megabytes,
      series: seriesOf(computed),
    },
  };
}

function drawConnections(samples: Sheet): Block {
  const title = 'Memory against connections';
  const [x, y] = [indexOf('connections'), indexOf('rss_bytes')];
  if (!samples.rows.some((row) => typeof row[y] === 'number')) {
    return { text: `${title}: left out, the run has no sample of resident memory` };
  }
  const { label, tone } = undividedMemory;
  return {
    text: `${title}: the slope is bytes per connection (sheet “${samples.name}”)`,
    chart: {
      title,
      kind: 'points',
      xTitle: 'Open connections',
      ...megabytes,
      series: [{ label, colour: tones[tone], x: rangeOf(samples, x), y: rangeOf(samples, y) }],
    },
  };
}

function drawFloors(computed: ComputedSheet | undefined): Block {
  const title = 'Floors per wave';
  if (computed === undefined) {
    return { text: `${title}: left out, no wave of this run has come to its floor` };
  }
  return {
    text: `${title}: level floors are kept once, floors that rise on and on are a leak; 0 is before all waves (sheet “${computed.sheet.name}”)`,
    chart: {
      title,
      kind: 'columns',
      xTitle: 'Wave',
      ...megabytes,
      series: seriesOf(computed),
    },
  };
}

function seriesOf({ sheet, series }: ComputedSheet): ChartSeries[] {
  return series.map(({ column, label, tone }) => ({
    label,
    colour: tones[tone],
    x: rangeOf(sheet, 0),
    y: rangeOf(sheet, column),
  }));
}

function indexOf(column: keyof typeof sampleColumns): number {
  return Object.keys(sampleColumns).indexOf(column);
}
