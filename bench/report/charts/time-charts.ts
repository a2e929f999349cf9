import { sampleColumns, type SampleRow } from '../../results/sample-columns.js';
import { floorRowsOf, median } from '../../results/wave-figures.js';
import type { ChartDefinition, SeriesDefinition } from '../embedded/report-document.js';
import type { Chart, Columns } from './chart.js';
import { kernelOwners, type OwnerLook, residentOwners, undividedMemory } from './memory-owners.js';

/** Name of the table that all charts over time share, and of its column with the rate that was asked for. */
const table = 'samples';
const rateAsked = 'rate_asked';

/** Makes the charts over time. A chart of which nothing was measured is left out. */
export function makeTimeCharts(
  rows: readonly SampleRow[],
  rateAskedPerSecond: number | 'max' | undefined,
): Chart[] {
  const asked = typeof rateAskedPerSecond === 'number' ? rateAskedPerSecond : undefined;
  const definitions = [
    memoryChart(rows),
    limitChart(rows),
    kernelChart(rows),
    rateChart(rows, rateAskedPerSecond),
    cpuChart(rows),
  ].filter(({ series }) => series.length > 0);
  return definitions.map((definition) => ({
    definition,
    columns: columnsOf(definition, rows, asked),
  }));
}

function memoryChart(rows: readonly SampleRow[]): ChartDefinition {
  const owners = areas(rows, residentOwners);
  const isNegative = rows.some((row) => (row.unattributed_bytes ?? 0) < 0);
  const undivided = areas(rows, { rss_bytes: undividedMemory }).slice(0, 1);
  const series = (owners.length > 0 ? owners : undivided).map((each) => withBaseline(each, rows));
  return {
    ...shared('memory', 340),
    title: 'Memory of the target, by owner',
    description: [
      owners.length > 0
        ? 'Resident memory (RSS), split by who owns it; the line is the number of open connections.'
        : 'Resident memory (RSS), which could not be split here; the line is the number of open connections.',
      ...(isNegative
        ? ['Where more is known to be owned than is resident, “unattributed” is drawn as 0.']
        : []),
    ].join(' '),
    leftUnit: 'bytes',
    rightUnit: 'count',
    series: [
      ...series,
      ...known(rows, [
        {
          column: 'connections',
          label: 'open connections',
          unit: 'count',
          form: 'line',
          tone: 'ink',
          axis: 'right',
        },
      ]),
    ],
  };
}

function limitChart(rows: readonly SampleRow[]): ChartDefinition {
  const isLimited = rows.some((row) => row.cgroup_memory_limit_bytes !== undefined);
  const charged: readonly SeriesDefinition[] = [
    {
      column: 'cgroup_memory_bytes',
      label: 'charged',
      unit: 'bytes',
      form: 'line',
      tone: 'blue',
      axis: 'left',
    },
    {
      column: 'cgroup_memory_limit_bytes',
      label: 'limit',
      unit: 'bytes',
      form: 'line',
      tone: 'vermillion',
      dash: [6, 4],
      axis: 'left',
    },
  ];
  return {
    ...shared('limit', 150),
    title: 'Memory limit',
    description:
      'What the kernel charges to the target’s control group, page cache and sockets included, beside its limit: whoever exceeds it is killed.',
    leftUnit: 'bytes',
    series: isLimited ? known(rows, charged) : [],
  };
}

function kernelChart(rows: readonly SampleRow[]): ChartDefinition {
  return {
    ...shared('kernel', 150),
    title: 'Kernel memory beside it',
    description:
      'Sockets and their buffers, which no process’s RSS shows. Of the whole machine: both ends of each connection when the generator runs on it too.',
    leftUnit: 'bytes',
    series: areas(rows, kernelOwners),
  };
}

function rateChart(
  rows: readonly SampleRow[],
  rateAskedPerSecond: number | 'max' | undefined,
): ChartDefinition {
  const achieved = known(rows, [
    {
      column: 'connect_rate_per_s',
      label: 'achieved',
      unit: 'per_second',
      form: 'steps',
      tone: 'blue',
      axis: 'left',
    },
  ]);
  const asked: SeriesDefinition = {
    column: rateAsked,
    label: 'asked',
    unit: 'per_second',
    form: 'line',
    tone: 'vermillion',
    dash: [6, 4],
    axis: 'left',
  };
  return {
    ...shared('rate', 150),
    title: 'Connect rate',
    description: describeRate(rateAskedPerSecond),
    leftUnit: 'per_second',
    series:
      achieved.length > 0 && typeof rateAskedPerSecond === 'number'
        ? [...achieved, asked]
        : achieved,
  };
}

function describeRate(asked: number | 'max' | undefined): string {
  const opened = 'Connections opened per second, since the sample before';
  if (asked === 'max') return `${opened}. As many as possible were asked for.`;
  if (asked === undefined)
    return `${opened}. The rate asked for is in the summary, which is missing.`;
  return `${opened}, beside the rate asked for during a ramp.`;
}

function cpuChart(rows: readonly SampleRow[]): ChartDefinition {
  return {
    ...shared('cpu', 150),
    title: 'CPU',
    description:
      'Of the server under test, of the load generator and of the bench that takes the samples; 100 % is one core.',
    leftUnit: 'percent',
    series: known(rows, [
      {
        column: 'cpu_percent',
        label: 'target',
        unit: 'percent',
        form: 'steps',
        tone: 'vermillion',
        axis: 'left',
      },
      {
        column: 'loadgen_cpu_percent',
        label: 'generator',
        unit: 'percent',
        form: 'steps',
        tone: 'blue',
        dash: [7, 3],
        axis: 'left',
      },
      {
        column: 'sampler_cpu_percent',
        label: 'sampler',
        unit: 'percent',
        form: 'steps',
        tone: 'green',
        dash: [2, 3],
        axis: 'left',
      },
    ]),
  };
}

function shared(id: string, heightPixels: number) {
  return { id, kind: 'time', table, x: 'elapsed_s', heightPixels } as const;
}

/** Areas for those owners whose memory is known, and not nothing all the time. */
function areas(
  rows: readonly SampleRow[],
  owners: Readonly<Record<string, OwnerLook>>,
): SeriesDefinition[] {
  return known(
    rows,
    Object.entries(owners).map(([column, look]) => ({
      column,
      ...look,
      unit: 'bytes',
      form: 'area',
      axis: 'left',
    })),
  ).filter(({ column }) => valuesOf(rows, column).some((value) => (value ?? 0) !== 0));
}

/** What a server takes before its first connection, binaries above all, would leave little room for what the connections take. */
function withBaseline(series: SeriesDefinition, rows: readonly SampleRow[]): SeriesDefinition {
  const baseline = median(valuesOf(floorRowsOf(rows, 0, 'baseline'), series.column));
  return baseline === undefined ? series : { ...series, baseline };
}

function known(
  rows: readonly SampleRow[],
  series: readonly SeriesDefinition[],
): SeriesDefinition[] {
  return series.filter(({ column }) => valuesOf(rows, column).some((value) => value !== undefined));
}

function columnsOf(
  { x, series }: ChartDefinition,
  rows: readonly SampleRow[],
  asked: number | undefined,
): Columns {
  return Object.fromEntries(
    [x, ...series.map(({ column }) => column)].map((name) => [
      name,
      name === rateAsked ? rows.map(() => asked) : valuesOf(rows, name),
    ]),
  );
}

function valuesOf(rows: readonly SampleRow[], column: string): (number | undefined)[] {
  if (!isNumberColumn(column)) return rows.map(() => undefined);
  return rows.map((row) => row[column]);
}

type NumberColumn = {
  [Name in keyof SampleRow]: SampleRow[Name] extends string ? never : Name;
}[keyof SampleRow];

function isNumberColumn(name: string): name is NumberColumn {
  const column = Object.entries(sampleColumns).find(([each]) => each === name)?.[1];
  return column?.type === 'integer' || column?.type === 'decimal';
}
