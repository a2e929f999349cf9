import type { WaveStatistic } from './noise.js';
import type { StoredSummary, StoredWave } from '../results/read-summary.js';
import type { MemoryFigures } from '../results/wave-figures.js';

/** Unit of a row's values. */
export type RowUnit = 'bytes' | 'ms' | 'per_s' | 'count' | 'text';

/** One row of a comparison: what it shows of a run, and what is known about its noise. */
export interface ComparedRow {
  /** Field of summary.json, with dots where it is nested. */
  readonly field: string;
  /** How people read it. */
  readonly label: string;
  readonly unit: RowUnit;
  /** A fact is what was asked or what came out, known exactly; a figure was measured and has noise. */
  readonly kind: 'fact' | 'figure';
  readonly value: (summary: StoredSummary) => number | string | undefined;
  /** Bounds of the 95 % interval. */
  readonly interval?: (summary: StoredSummary) => readonly [number | undefined, number | undefined];
  /** The same figure of each wave, and how the run's value comes from them. */
  readonly waves?: {
    readonly statistic: WaveStatistic;
    readonly value: (wave: StoredWave) => number | undefined;
  };
  /** Left out if no run has it. */
  readonly isOptional?: true;
  /** Part of what was asked: where it differs, so may all else. */
  readonly isLoad?: true;
}

type NumberField = {
  [Name in keyof StoredSummary]-?: StoredSummary[Name] extends number | undefined ? Name : never;
}[keyof StoredSummary];
type TextField = 'target' | 'allocator' | 'outcome' | 'verdict' | 'worker_spread';

const load = { isLoad: true } as const;
const optional = { isOptional: true } as const;

/** Every row, in order. */
export const comparedRows: readonly ComparedRow[] = [
  text('target', 'target'),
  fact('connections', 'connections', load),
  {
    field: 'connect_rate_asked_per_s',
    label: 'rate asked',
    unit: 'text',
    kind: 'fact',
    value: ({ connect_rate_asked_per_s: rate }) =>
      typeof rate === 'number' ? `${rate.toLocaleString('en-US')}/s` : rate,
    ...load,
  },
  { ...text('worker_spread', 'spread over workers'), ...load, ...optional },
  fact('waves_asked', 'waves', load),
  targetFact('greeting'),
  targetFact('compression'),
  text('allocator', 'allocator'),
  {
    field: 'floors_after_gc',
    label: 'garbage collected for floors',
    unit: 'text',
    kind: 'fact',
    value: ({ floors_after_gc: isCollected }) =>
      isCollected === undefined ? undefined : isCollected ? 'yes' : 'no',
    ...optional,
    ...load,
  },
  text('outcome', 'outcome'),
  fact('waves_completed', 'waves completed'),
  text('verdict', 'verdict'),
  {
    ...figure('bytes_per_connection', 'bytes per connection', 'bytes'),
    interval: (summary) => [summary.bytes_per_connection_low, summary.bytes_per_connection_high],
  },
  {
    ...figure('live_bytes_per_connection', 'held per connection, counted', 'bytes'),
    waves: median((wave) => wave.live_bytes_per_connection),
    ...optional,
  },
  perConnection('rss_bytes_per_connection', 'RSS', (memory) => memory.rss_bytes),
  perConnection('private_bytes_per_connection', 'private', (memory) => memory.private_bytes),
  perConnection('js_bytes_per_connection', 'JS heap', (memory) => memory.js_heap_resident_bytes),
  perConnection('native_bytes_per_connection', 'native', (memory) => memory.native_private_bytes),
  {
    ...perConnection('malloc_bytes_per_connection', 'malloc', (memory) => memory.malloc_bytes),
    ...optional,
  },
  perConnection('kernel_bytes_per_connection', 'kernel', kernelBytes),
  {
    ...perConnection(
      'cgroup_kernel_bytes_per_connection',
      'kernel, target',
      (memory) => memory.cgroup_kernel_bytes,
    ),
    ...optional,
  },
  {
    ...figure('growth_bytes_per_connection', 'growth per connection opened', 'bytes'),
    interval: (summary) => [
      summary.growth_bytes_per_connection_low,
      summary.growth_bytes_per_connection_high,
    ],
  },
  {
    field: 'baseline.rss_bytes',
    label: 'baseline RSS',
    unit: 'bytes',
    kind: 'figure',
    value: ({ baseline }) => baseline.rss_bytes,
  },
  {
    field: 'waves.<last>.floor.rss_bytes',
    label: 'last floor RSS',
    unit: 'bytes',
    kind: 'figure',
    value: ({ waves }) => waves.at(-1)?.floor.rss_bytes,
  },
  figure('connect_p50_ms', 'connect p50', 'ms'),
  figure('connect_p99_ms', 'connect p99', 'ms'),
  {
    ...figure('connect_rate_per_s', 'connect rate', 'per_s'),
    waves: median((wave) => wave.connect_rate_per_s),
  },
  {
    ...figure('connect_errors', 'failed connections', 'count'),
    waves: { statistic: 'total', value: (wave) => wave.connect_errors },
  },
  {
    ...figure('connections_lost', 'lost connections', 'count'),
    waves: { statistic: 'total', value: (wave) => wave.connections_lost },
  },
  fact('samples', 'samples'),
];

function text(field: TextField, label: string): ComparedRow {
  return { field, label, unit: 'text', kind: 'fact', value: (summary) => summary[field] };
}

function fact(field: NumberField, label: string, more: { isLoad?: true } = {}): ComparedRow {
  return { field, label, unit: 'count', kind: 'fact', value: (summary) => summary[field], ...more };
}

function figure(field: NumberField, label: string, unit: RowUnit): ComparedRow {
  return { field, label, unit, kind: 'figure', value: (summary) => summary[field] };
}

/** What the target says about itself, if it does. */
function targetFact(name: string): ComparedRow {
  return {
    field: `target_facts.${name}`,
    label: name,
    unit: 'text',
    kind: 'fact',
    value: ({ target_facts: facts }) => {
      const value = facts[name];
      if (value === undefined || value === null) return undefined;
      return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
    },
    ...optional,
    ...load,
  };
}

function median(value: (wave: StoredWave) => number | undefined): ComparedRow['waves'] & object {
  return { statistic: 'median', value };
}

/** Hold over the baseline, by connections open in it: the run's figure is the median of its waves. */
function perConnection(
  field: NumberField,
  owner: string,
  ofMemory: (memory: MemoryFigures) => number | undefined,
): ComparedRow {
  return {
    ...figure(field, `${owner} per connection`, 'bytes'),
    waves: median((wave) => ofMemory(wave.per_connection_over_baseline)),
  };
}

/** Runs of before `kernel_bytes` was written have its two parts. */
function kernelBytes(memory: MemoryFigures): number | undefined {
  const { kernel_sockets_bytes: sockets, kernel_tcp_buffers_bytes: buffers } = memory;
  const sum = sockets === undefined || buffers === undefined ? undefined : sockets + buffers;
  return memory.kernel_bytes ?? sum;
}
