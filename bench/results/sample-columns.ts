import { type CountName, countMeanings, countNames } from '../../loadgen/report/counts.js';

/** What kind of value a column holds, which decides how its cells are written. */
export type ColumnType =
  /**
   * ISO 8601 in UTC with milliseconds and without the mark `Z`, with which LibreOffice Calc (7.4) takes it for a text;
   * with a blank instead of the `T`, it does too.
   */
  | 'time'
  /** A word of ours, never a text from outside: a spreadsheet runs what begins with `=`, `+`, `-` or `@`. */
  | 'text'
  /** A text from outside: what a spreadsheet would run is marked as text. */
  | 'foreign text'
  /** A whole number. */
  | 'integer'
  /** At most three decimals. */
  | 'decimal';

/** One column of a CSV file: the single home of its name (the key), meaning and source. */
export interface ColumnDefinition {
  readonly type: ColumnType;
  /** Where the value comes from. */
  readonly source: string;
  /** What it means, or how it is computed. */
  readonly meaning: string;
}

/** The columns of a CSV file, in their order. */
export type ColumnTable = Readonly<Record<string, ColumnDefinition>>;

/** One row of a CSV file. An undefined number is an empty cell: not available here. */
export type Row<Table extends ColumnTable> = {
  readonly [Name in keyof Table]: Table[Name]['type'] extends 'time' | 'text' | 'foreign text'
    ? string
    : number | undefined;
};

/** The phases of a run, in the order in which a wave goes through them after the one `baseline`. */
export const phases = ['baseline', 'ramp', 'hold', 'drain', 'rest'] as const;

/** A phase of a run. */
export type Phase = (typeof phases)[number];

/** Defines a column. */
export function column<Type extends ColumnType>(
  type: Type,
  source: string,
  meaning: string,
): { readonly type: Type; readonly source: string; readonly meaning: string } {
  return { type, source, meaning };
}

/** A count of the load generator, under its own name. */
function count(name: CountName) {
  return column('integer', generator, countMeanings[name]);
}

const smaps = '`/proc/<pid>/smaps`';
const v8 = 'V8, through the agent in the target or its `/stats`';
const stats = 'server `/stats`';
const generator = 'load generator';
const cgroup = 'control group of the target (cgroups(7))';

/**
 * Columns of `samples.csv`, version 2 of their order: what resident memory divides into stands side by side, so that a stacked chart is
 * made by marking one block. They keep this order, so that a sheet made for one file fits the next; new ones go to the end.
 */
export const sampleColumns = {
  timestamp: column(
    'time',
    'clock at the start, then CLOCK_MONOTONIC',
    'When the sample was begun, UTC, though there is no Z (which spreadsheets would take for text); a step of the clock during the run does not show',
  ),
  elapsed_s: column('decimal', 'CLOCK_MONOTONIC', 'Seconds since the run began'),
  wave: column('integer', 'bench', 'Number of the wave; 0 in the baseline'),
  phase: column('text', 'bench', 'baseline, ramp, hold, drain or rest'),
  connections: count('connections'),
  target_connections: column('integer', stats, "Connections open now by the target's own count"),
  connections_opened_total: count('connections_opened_total'),
  connections_closed_total: count('connections_closed_total'),
  connections_lost_total: count('connections_lost_total'),
  connect_errors_total: count('connect_errors_total'),
  connect_rate_per_s: column(
    'decimal',
    generator,
    'Connections opened since the row before ÷ time since the row before',
  ),
  greetings_received_total: count('greetings_received_total'),
  messages_sent_total: count('messages_sent_total'),
  echoes_received_total: count('echoes_received_total'),
  target_processes: column(
    'integer',
    '`/proc/<pid>/task/*/children`',
    'Processes of the target, its supervisor included',
  ),
  cpu_percent: column(
    'decimal',
    'pidusage (`utime + stime` of `/proc/<pid>/stat`)',
    'CPU of the target since the row before; 100 is one core',
  ),
  rss_bytes: column(
    'integer',
    `Σ Rss of ${smaps}`,
    'Resident memory of the target; pages that several processes share count in each',
  ),
  pss_bytes: column(
    'integer',
    `Σ Pss of ${smaps}`,
    'The same, each shared page divided by those who map it',
  ),
  js_heap_resident_bytes: column(
    'integer',
    `${v8}: \`total_physical_size\``,
    'Resident part of the JS heap',
  ),
  managed_heap_bytes: column(
    'integer',
    `${smaps}, in the addresses that \`jcmd GC.heap_info\` names, or from 0xc000000000 on for Go`,
    'Resident heap of the JVM or of Go',
  ),
  native_malloc_bytes: column(
    'integer',
    smaps,
    'Rss of `[heap]` and of malloc arenas (64 MiB-aligned, with their reserve behind them); with V8’s code right behind `[heap]`, which then can’t grow, also of what lies above 2^46',
  ),
  native_other_bytes: column(
    'integer',
    smaps,
    'Rss of all other anonymous mappings − js_heap_resident_bytes; blocks that malloc has mapped by themselves, and a heap that does not tell, count here',
  ),
  native_stacks_bytes: column(
    'integer',
    smaps,
    'Rss of `[stack]` and of mappings directly above a guard page',
  ),
  native_file_bytes: column(
    'integer',
    smaps,
    'Rss of binaries and libraries, their data segments included',
  ),
  unattributed_bytes: column(
    'integer',
    'computed',
    'rss_bytes − all owners; negative if V8 reports more heap than there is anonymous memory',
  ),
  native_bytes: column(
    'integer',
    'computed',
    'rss_bytes − js_heap_resident_bytes − managed_heap_bytes; empty if there is such a heap and it does not tell',
  ),
  lazy_free_bytes: column(
    'integer',
    `Σ LazyFree of ${smaps}`,
    'Part of rss_bytes that the kernel takes back when it needs memory',
  ),
  js_heap_used_bytes: column(
    'integer',
    `${v8}: \`used_heap_size\``,
    'JS objects, garbage included until it is collected',
  ),
  js_heap_total_bytes: column(
    'integer',
    `${v8}: \`total_heap_size\``,
    'JS heap committed by V8, resident or not',
  ),
  js_external_bytes: column(
    'integer',
    `${v8}: \`external_memory\``,
    'Native memory that JS objects keep',
  ),
  js_array_buffers_bytes: column(
    'integer',
    `${v8}: \`arrayBuffers\``,
    'Part of it in ArrayBuffers and Buffers',
  ),
  kernel_sockets_bytes: column(
    'integer',
    '`/proc/slabinfo` (needs root)',
    'Slabs of sockets, their inodes, files and epoll entries, of the whole machine: both ends when the generator runs here',
  ),
  kernel_tcp_buffers_bytes: column(
    'integer',
    '`mem` of `/proc/net/sockstat` × page size',
    'Data waiting in TCP buffers, of the whole machine',
  ),
  cgroup_kernel_bytes: column(
    'integer',
    `${cgroup}: \`slab\` + \`sock\` of \`memory.stat\`, or \`memory.kmem.usage_in_bytes\` + \`memory.kmem.tcp.usage_in_bytes\``,
    "What the kernel keeps for the target alone, sockets and their buffers: one end. Empty unless the group has only the target's processes and the kernel charges what they accept",
  ),
  cgroup_memory_bytes: column(
    'integer',
    `${cgroup}: \`memory.current\`, or \`memory.usage_in_bytes\``,
    "Charged to the target's control group, page cache and sockets included; in a container, that of the target alone",
  ),
  cgroup_memory_limit_bytes: column(
    'integer',
    `${cgroup}: \`memory.max\`, or \`memory.limit_in_bytes\``,
    'Smallest limit of that group and of those above it; empty if there is none',
  ),
  cgroup_oom_kills_total: column(
    'integer',
    `${cgroup}: \`oom_kill\` of \`memory.events\`, or of \`memory.oom_control\``,
    'Processes of that group that the kernel has killed because memory ran out, since the group was made',
  ),
  loadgen_cpu_percent: column(
    'decimal',
    'pidusage',
    'CPU of all processes of the load generator since the row before; 100 is one core',
  ),
  loadgen_rss_bytes: column(
    'integer',
    'pidusage (`rss` of `/proc/<pid>/stat`)',
    'Resident memory of all processes of the load generator',
  ),
  loadgen_lag_ms: column(
    'decimal',
    generator,
    'Worst delay of its event loops since the row before',
  ),
  sampler_cpu_percent: column(
    'decimal',
    '`getrusage(2)`',
    'CPU of the bench itself since the row before; 100 is one core',
  ),
} as const satisfies ColumnTable;

/** One row of `samples.csv`. */
export type SampleRow = Row<typeof sampleColumns>;

/** A count of the load generator that has a column. */
export type CountColumn = CountName & keyof SampleRow;

/** The counts of the load generator that have a column. */
export const countColumns = countNames.filter((name): name is CountColumn =>
  Object.hasOwn(sampleColumns, name),
);

/** Columns of `workers.csv`: one row per process and sample. */
export const workerColumns = {
  timestamp: column('time', 'as in samples.csv', 'The same moment as in samples.csv'),
  elapsed_s: column('decimal', 'as in samples.csv', 'The same moment as in samples.csv'),
  wave: column('integer', 'bench', 'Number of the wave; 0 in the baseline'),
  phase: column('text', 'bench', 'baseline, ramp, hold, drain or rest'),
  role: column('text', 'bench', 'target, loadgen or sampler'),
  pid: column('integer', 'kernel', 'Process id'),
  connections: column('integer', stats, 'Connections open now in this process'),
  cpu_percent: column('decimal', 'pidusage', 'CPU since the row before; 100 is one core'),
  rss_bytes: column('integer', `${smaps} for the target, pidusage for others`, 'Resident memory'),
  pss_bytes: column('integer', smaps, 'Resident memory, shared pages divided'),
  js_heap_used_bytes: column('integer', v8, 'As in samples.csv, of this process'),
  js_heap_total_bytes: column('integer', v8, 'As in samples.csv, of this process'),
  js_heap_resident_bytes: column('integer', v8, 'As in samples.csv, of this process'),
  js_external_bytes: column('integer', v8, 'As in samples.csv, of this process'),
  native_malloc_bytes: column('integer', smaps, 'As in samples.csv, of this process'),
  native_stacks_bytes: column('integer', smaps, 'As in samples.csv, of this process'),
  native_file_bytes: column('integer', smaps, 'As in samples.csv, of this process'),
  native_other_bytes: column('integer', smaps, 'As in samples.csv, of this process'),
  managed_heap_bytes: column('integer', smaps, 'As in samples.csv, of this process'),
} as const satisfies ColumnTable;

/** One row of `workers.csv`. */
export type WorkerRow = Row<typeof workerColumns>;
