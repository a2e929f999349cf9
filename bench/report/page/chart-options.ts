import type {
  ChartDefinition,
  PhaseSpan,
  SeriesDefinition,
} from '#report/embedded/report-document.js';
import { makeAxes, type SideWidths } from '#report/page/axes.js';
import { mouseBindings } from '#report/page/cursor-owner.js';
import { colourOf, fillOf, toneOf } from '#report/page/looks.js';

/** Charts narrower than this, in CSS pixels, get narrower axes. */
const narrowPixels = 560;

/** Room above the highest value, as a share of it. */
const headroom = 0.06;

/** Steps that a screen may show one by one. */
const mostSteps = 2000;

/** Tells whether a series is stacked on those before it. */
export function isStacked({ form }: SeriesDefinition): boolean {
  return form === 'area' || form === 'bar';
}

/**
 * Returns in which order uPlot draws the series: the top of the stack first, each lower one over it, then lines. So
 * areas need no bands, and reach down to 0 under those that cover them.
 */
export function drawingOrder({ series }: ChartDefinition): number[] {
  const numbers = series.map((_, index) => index);
  const isLower = (index: number): boolean => series.slice(index, index + 1).some(isStacked);
  return [...numbers.filter(isLower).reverse(), ...numbers.filter((index) => !isLower(index))];
}

/** Configures uPlot for a chart. The data are x, then shade (charts over time only), then the series in drawing order. */
export function makeOptions(
  definition: ChartDefinition,
  spans: readonly PhaseSpan[],
  width: number,
  hooks: uPlot.Hooks.Arrays,
): uPlot.Options {
  const { kind, heightPixels, rightUnit } = definition;
  const isNarrow = width < narrowPixels;
  const widths: SideWidths = isNarrow ? { left: 62, right: 48 } : { left: 72, right: 60 };
  const series = drawingOrder(definition).flatMap((index) =>
    definition.series.slice(index, index + 1),
  );
  return {
    width,
    height: heightPixels,
    // Of equal width in all charts, so that their time axes lie above each other.
    padding: [8, rightUnit === undefined ? widths.right : 0, 0, 0],
    legend: { show: false },
    // Grid lines over opaque areas.
    drawOrder: (kind === 'wave' || kind === 'time'
      ? ['series', 'axes']
      : ['axes', 'series']) as uPlot.DrawOrderKey[],
    cursor: {
      bind: mouseBindings,
      drag: { x: kind !== 'wave', y: false, dist: 8 },
      points: { show: false },
      y: false,
      ...(kind === 'time'
        ? { sync: { key: 'time', setSeries: false, filters: { pub: isHover } } }
        : {}),
    },
    scales: {
      x: xScale(definition),
      left: {
        range:
          kind === 'connections' ? (_, min, max) => aroundValues(min, max, headroom) : fromZero,
      },
      right: { range: fromZero },
      shade: { range: [0, 1] },
    },
    axes: makeAxes(definition, spans, widths),
    series: [{}, ...(kind === 'time' ? [shadeSeries()] : []), ...series.map(toSeries)],
    hooks,
  };
}

/** Clicks and drags are told to the other charts by time-range.ts. */
function isHover(type: string): boolean {
  return type === 'mousemove' || type === 'mouseleave';
}

function xScale({ kind }: ChartDefinition): uPlot.Scale {
  switch (kind) {
    case 'percentile':
      return { time: false, distr: 3, log: 10 };
    case 'wave':
      return { time: false, range: (_, min, max) => [min - 0.6, max + 0.6] };
    case 'connections':
      return { time: false, range: (_, min, max) => aroundValues(min, max, 0.02) };
    case 'time':
      return { time: false, range: (_, min, max) => (min === max ? [min, min + 1] : [min, max]) };
  }
}

const fromZero: uPlot.Range.Function = (_, __, max) => [0, max > 0 ? max * (1 + headroom) : 1];

function aroundValues(min: number, max: number, share: number): [number, number] {
  const room = Math.max((max - min) * share, Math.abs(max) * 0.01, 1);
  return [min - room, max + room];
}

/** A grey ground while all connections are held: 1 in a hold, else null. */
function shadeSeries(): uPlot.Series {
  return {
    scale: 'shade',
    width: 0,
    fill: () => colourOf('shade'),
    points: { show: false },
    ...stepPaths(1),
  };
}

function toSeries(series: SeriesDefinition): uPlot.Series {
  const { form, axis, tone, dash } = series;
  const shared = { label: series.label, scale: axis, points: { show: false } };
  switch (form) {
    case 'area':
      return {
        ...shared,
        width: 1,
        stroke: () => colourOf('ground'),
        fill: () => fillOf(series),
        // Not every sample has it, where the target has many processes.
        spanGaps: true,
      };
    case 'bar':
      return {
        ...shared,
        width: 1,
        stroke: () => colourOf('ground'),
        fill: () => fillOf(series),
        ...pathsOf(uPlot.paths.bars?.({ size: [0.6, 84] })),
      };
    case 'points':
      return {
        ...shared,
        width: 0,
        stroke: () => toneOf(tone),
        paths: () => null,
        points: {
          show: true,
          size: 7,
          width: 1,
          stroke: () => colourOf('ground'),
          fill: () => toneOf(tone),
        },
      };
    case 'line':
    case 'steps':
      return {
        ...shared,
        width: 2,
        stroke: () => toneOf(tone),
        spanGaps: form === 'line',
        ...(dash === undefined ? {} : { dash: [...dash] }),
        // A rate is that of the time since the sample before.
        ...(form === 'steps' ? stepPaths(-1) : {}),
      };
  }
}

/** Steps that hold after (1) or before (-1) their values; with more values than pixels they can't be told from a line. */
function stepPaths(align: -1 | 1): Pick<uPlot.Series, 'paths'> {
  const stepped = uPlot.paths.stepped?.({ align });
  // uPlot thins out a line to what can be seen, but not steps.
  const line = uPlot.paths.linear?.();
  return {
    paths: (plot, series, from, to) =>
      (to - from > mostSteps ? line : stepped)?.(plot, series, from, to) ?? null,
  };
}

function pathsOf(paths: uPlot.Series.PathBuilder | undefined): Pick<uPlot.Series, 'paths'> {
  return paths === undefined ? {} : { paths };
}
