import { formatValue, type Unit } from '#report/embedded/format-value.js';
import type { ChartDefinition, PhaseSpan } from '#report/embedded/report-document.js';
import { colourOf } from '#report/page/looks.js';

/** Width of the axes at the sides, equal in all charts so that their time axes lie above each other. */
export interface SideWidths {
  readonly left: number;
  readonly right: number;
}

const font = '12px system-ui, sans-serif';
const byteSteps = [1, 1024, 1024 ** 2, 1024 ** 3].flatMap((unit) =>
  [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((factor) => factor * unit),
);
const secondSteps = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800,
];

/** Makes the axes of a chart: along x at the bottom, the units at the sides, and marks of waves and phases on top. */
export function makeAxes(
  definition: ChartDefinition,
  spans: readonly PhaseSpan[],
  widths: SideWidths,
): uPlot.Axis[] {
  const { leftUnit, rightUnit, kind, id } = definition;
  return [
    bottomAxis(definition),
    sideAxis('left', leftUnit, 3, widths.left),
    ...(rightUnit === undefined ? [] : [sideAxis('right', rightUnit, 1, widths.right)]),
    ...(kind === 'time' ? markAxes(spans, id === 'memory') : []),
  ];
}

function bottomAxis({ kind }: ChartDefinition): uPlot.Axis {
  const shared = { ...inkOf(), scale: 'x', side: 2, size: 32, gap: 6 } as const;
  switch (kind) {
    case 'time':
      return { ...shared, incrs: secondSteps, space: 70, values: ticks('seconds') };
    case 'wave':
      return {
        ...shared,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
        space: 64,
        values: (_, splits) => splits.map(nameWave),
      };
    case 'connections':
      return { ...shared, space: 70, values: ticks('count') };
    case 'percentile':
      return {
        ...shared,
        splits: (_, __, min, max) =>
          [1, 2, 4, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7].filter((x) => x >= min && x <= max),
        values: (_, splits) => splits.map(namePercentile),
        filter: (_, splits) => splits,
      };
  }
}

/** 0 is the baseline; bars stand on whole numbers only. */
function nameWave(wave: number): string {
  if (!Number.isInteger(wave) || wave < 0) return '';
  return wave === 0 ? 'baseline' : `wave ${wave}`;
}

/** 1 in 100 exceeds the 99th percentile. */
function namePercentile(rareness: number): string {
  return `${Number((100 - 100 / rareness).toFixed(5))} %`;
}

function sideAxis(scale: string, unit: Unit, side: 1 | 3, size: number): uPlot.Axis {
  const ink = inkOf();
  return {
    ...ink,
    scale,
    side,
    size,
    gap: 6,
    space: 34,
    values: ticks(unit),
    ...(unit === 'bytes' ? { incrs: byteSteps } : {}),
    ...(side === 1 ? { grid: { show: false } } : {}),
  };
}

function ticks(unit: Unit): uPlot.Axis.DynamicValues {
  return (_, splits) => {
    const isLarge = unit === 'count' && splits.some((value) => value >= 10_000);
    return splits.map((value) => (isLarge ? formatThousands(value) : formatTick(value, unit)));
  };
}

function formatThousands(value: number): string {
  return value === 0 ? '0' : `${Number((value / 1000).toFixed(1))}k`;
}

/** Writes a value no longer than an axis needs it: `1.5 GiB`, not `1.50 GiB`. */
function formatTick(value: number, unit: Unit): string {
  return formatValue(value, unit)
    .replace(/(\.\d*?)0+(?= |$)/, '$1')
    .replace(/\.(?= |$)/, '');
}

/** A line where each wave begins; in the first chart with the names of waves, and of phases if there is room. */
function markAxes(spans: readonly PhaseSpan[], isNamed: boolean): uPlot.Axis[] {
  const waves = spans.filter(
    (span, index) => span.wave > 0 && spans[index - 1]?.wave !== span.wave,
  );
  const mark = (marked: readonly PhaseSpan[], values: uPlot.Axis.DynamicValues): uPlot.Axis => ({
    ...inkOf(),
    scale: 'x',
    side: 0,
    size: isNamed ? 20 : 0,
    gap: 2,
    align: 1,
    ticks: { show: false },
    splits: (_, __, min, max) => startsWithin(marked, min, max),
    filter: (_, splits) => splits,
    values: isNamed ? values : (_, splits) => splits.map(() => ''),
  });
  const phaseNames: uPlot.Axis.DynamicValues = (plot, splits) => {
    const names = nameWhereRoom(plot, splits, (seconds) => spanAt(spans, seconds).phase);
    // A few names in between tell less than none.
    const isCrowded = names.filter((name) => name !== '').length * 2 < names.length;
    return isCrowded ? names.map(() => '') : names;
  };
  const waveNames: uPlot.Axis.DynamicValues = (plot, splits) =>
    nameWhereRoom(plot, splits, (seconds) => `wave ${spanAt(waves, seconds).wave}`);
  return [
    ...(isNamed ? [{ ...mark(spans, phaseNames), grid: { show: false } }] : []),
    {
      ...mark(waves, waveNames),
      grid: { show: true, stroke: () => colourOf('mark'), width: 1, dash: [3, 3] },
    },
  ];
}

/** Where the marked spans begin; one that has begun before what is shown is named at its left edge. */
function startsWithin(spans: readonly PhaseSpan[], min: number, max: number): number[] {
  const before = spans.findLast(({ fromSeconds }) => fromSeconds < min);
  const within = spans.map(({ fromSeconds }) => fromSeconds).filter((x) => x >= min && x <= max);
  return before === undefined ? within : [min, ...within];
}

function spanAt(spans: readonly PhaseSpan[], seconds: number): PhaseSpan {
  const [first] = spans;
  const found = spans.findLast(({ fromSeconds }) => fromSeconds <= seconds) ?? first;
  if (found === undefined) throw new RangeError('A mark without a span');
  return found;
}

/** Names a mark only if its name ends before the next mark. */
function nameWhereRoom(
  plot: uPlot,
  splits: readonly number[],
  name: (seconds: number) => string,
): string[] {
  const pixelsPerLetter = 6.5;
  const pixelsBetween = 4;
  const position = (x: number | undefined): number =>
    plot.valToPos(x ?? plot.scales['x']?.max ?? 0, 'x');
  let takenTo = -Infinity;
  return splits.map((x, index) => {
    const text = name(x);
    const from = position(x);
    const to = from + text.length * pixelsPerLetter + pixelsBetween;
    if (from < takenTo || to > position(splits[index + 1])) return '';
    takenTo = to;
    return text;
  });
}

function inkOf(): Pick<uPlot.Axis, 'stroke' | 'font' | 'grid' | 'ticks'> {
  return {
    stroke: () => colourOf('soft'),
    font,
    grid: { stroke: () => colourOf('grid'), width: 1 },
    ticks: { stroke: () => colourOf('grid'), width: 1, size: 4 },
  };
}
