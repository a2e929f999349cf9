import { decodeColumn } from '#report/embedded/encoded-column.js';
import { formatValue } from '#report/embedded/format-value.js';
import type {
  ChartDefinition,
  PhaseSpan,
  ReportDocument,
} from '#report/embedded/report-document.js';
import { stackColumns, type Values } from '#report/embedded/stack-columns.js';
import { drawingOrder, isStacked, makeOptions } from '#report/page/chart-options.js';
import { paintSwatch } from '#report/page/looks.js';

/** A chart in the page. */
export interface ChartView {
  readonly definition: ChartDefinition;
  readonly plot: uPlot;
  /** The element that takes the keyboard. */
  readonly place: HTMLElement;
  /** Draws it again with the colours of the present scheme. */
  readonly repaint: () => void;
  readonly resize: (width: number) => void;
  /** Says in words what is at the cursor. */
  readonly describeCursor: () => string;
}

/** Draws a chart into its figure and brings its legend to life. */
export function createChartView(
  figure: HTMLElement,
  definition: ChartDefinition,
  report: ReportDocument,
): ChartView {
  const place = find(figure, '.plot');
  const readout = find(figure, '.readout');
  const buttons = [...figure.querySelectorAll<HTMLButtonElement>('.legend button')];
  const table = report.tables[definition.table] ?? {};
  const decode = (name: string): Values =>
    decodeColumn(table[name] ?? { step: 1, divisor: 1, deltas: [] });
  const xs = decode(definition.x);
  const whole = definition.series.map(({ column }) => decode(column));
  const above = whole.map((values, index) => subtract(values, definition.series[index]?.baseline));
  /** What is shown: the one or the other. */
  let columns: readonly Values[] = above;
  const shade = definition.kind === 'time' ? [shadeHolds(report.spans, xs.length)] : [];
  const isShown = definition.series.map(() => true);
  const dataOf = (): uPlot.AlignedData => arrange(definition, xs, shade, columns, isShown);

  const valueAt = (row: number | null | undefined, index: number): string => {
    const series = definition.series[index];
    const values = columns[index] ?? [];
    if (series === undefined) return '';
    return formatValue(typeof row === 'number' ? values[row] : highest(values), series.unit);
  };
  const showValues = (plot: uPlot): void => {
    const row = plot.cursor.idx;
    readout.textContent =
      typeof row === 'number' ? namePosition(definition, report, xs, columns, row) : 'Highest:';
    for (const [index, button] of buttons.entries()) {
      find(button, '.value').textContent = valueAt(row, index);
    }
  };
  const plot = new uPlot(
    makeOptions(definition, report.spans, place.clientWidth, {
      setCursor: [showValues],
    }),
    dataOf(),
    place,
  );
  const paintLegend = (): void => {
    for (const [index, button] of buttons.entries()) {
      const series = definition.series[index];
      if (series !== undefined) paintSwatch(find(button, '.swatch'), series);
    }
  };
  for (const [index, button] of buttons.entries()) {
    button.addEventListener('click', () => {
      isShown[index] = isShown[index] !== true;
      button.setAttribute('aria-pressed', String(isShown[index]));
      plot.setData(dataOf(), false);
      plot.redraw(true, true);
    });
  }
  const baselineSwitch = figure.querySelector<HTMLButtonElement>('.switch button');
  baselineSwitch?.addEventListener('click', () => {
    columns = columns === above ? whole : above;
    baselineSwitch.setAttribute('aria-pressed', String(columns === above));
    plot.setData(dataOf(), false);
    plot.redraw(true, true);
    showValues(plot);
  });
  paintLegend();
  showValues(plot);
  return {
    definition,
    plot,
    place,
    repaint: () => {
      paintLegend();
      plot.redraw(false, true);
    },
    resize: (width) => {
      if (width !== plot.width) plot.setSize({ width, height: definition.heightPixels });
    },
    describeCursor: () => {
      const row = plot.cursor.idx;
      if (typeof row !== 'number') return '';
      const values = definition.series.map(({ label }, index) => `${label} ${valueAt(row, index)}`);
      return `${namePosition(definition, report, xs, columns, row)}: ${values.join(', ')}`;
    },
  };
}

function subtract(values: Values, baseline: number | undefined): Values {
  return baseline === undefined
    ? values
    : values.map((value) => (value === null ? null : value - baseline));
}

/** Arranges the data the way that {@link makeOptions} says, with the shown ones stacked. */
function arrange(
  definition: ChartDefinition,
  xs: Values,
  shade: readonly Values[],
  columns: readonly Values[],
  isShown: readonly boolean[],
): uPlot.AlignedData {
  const { series } = definition;
  const stackedAt = series.flatMap((each, index) => (isStacked(each) ? [index] : []));
  const stacks = stackColumns(
    stackedAt.map((index) => (isShown[index] === true ? columns[index] : undefined)),
  );
  const nothing = xs.map(() => null);
  const ordered = drawingOrder(definition).map((index) => {
    if (isShown[index] !== true) return nothing;
    const level = stackedAt.indexOf(index);
    return (level === -1 ? columns[index] : stacks[level]) ?? nothing;
  });
  return [xs, ...shade, ...ordered] as uPlot.AlignedData;
}

/** 1 from the first row of each hold to the first row after it, else null. */
function shadeHolds(spans: readonly PhaseSpan[], length: number): Values {
  const shade: (number | null)[] = Array.from({ length }, () => null);
  for (const { phase, fromRow, toRow } of spans) {
    if (phase === 'hold') shade.fill(1, fromRow, toRow + 1);
  }
  return shade;
}

function namePosition(
  { kind, series }: ChartDefinition,
  { spans, startedAtMs }: ReportDocument,
  xs: Values,
  columns: readonly Values[],
  row: number,
): string {
  const x = xs[row] ?? 0;
  const stacked = series.flatMap((each, index) =>
    isStacked(each) ? [columns[index]?.[row] ?? 0] : [],
  );
  const total =
    stacked.length < 2
      ? ''
      : ` · together ${formatValue(
          stacked.reduce((sum, each) => sum + each, 0),
          'bytes',
        )}`;
  switch (kind) {
    case 'wave':
      return `${x === 0 ? 'baseline' : `after wave ${x}`}${total}`;
    case 'percentile':
      return `${Number((100 - 100 / x).toFixed(3))} % within`;
    case 'connections':
      return `${formatValue(x, 'count')} open`;
    case 'time': {
      const span = spans.find(({ fromRow, toRow }) => row >= fromRow && row < toRow);
      const clock =
        startedAtMs === null
          ? ''
          : ` (${new Date(startedAtMs + x * 1000).toISOString().slice(11, 19)} UTC)`;
      const wave = span === undefined || span.wave === 0 ? '' : `wave ${span.wave} `;
      return `${formatValue(x, 'seconds')}${clock} · ${wave}${span?.phase ?? ''}${total}`;
    }
  }
}

function highest(values: Values): number | null {
  let most: number | null = null;
  for (const value of values) {
    if (value !== null && (most === null || value > most)) most = value;
  }
  return most;
}

/** Returns the element in the page that was written for this. */
export function find(parent: ParentNode, selector: string): HTMLElement {
  const found = parent.querySelector<HTMLElement>(selector);
  if (found === null) throw new RangeError(`The page has no ${selector}`);
  return found;
}
