import { formatValue } from '../embedded/format-value.js';
import type { StoredEnvironment } from '../../results/read-environment.js';
import type { StoredRun } from '../../results/read-run.js';

/** A name and what it stands for. */
export type Fact = readonly [name: string, value: string];

/** A heading and the facts below it. */
export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

/** Describes the run, the machine, its limits and the versions in use. What is unknown is left out. */
export function describeMachine(run: StoredRun): FactGroup[] {
  const { environment } = run;
  const groups = [
    { title: 'Run', facts: describeRun(run) },
    ...(environment === undefined
      ? []
      : [
          { title: 'Machine', facts: describeHardware(environment) },
          { title: 'Limits', facts: describeLimits(environment) },
          { title: 'Versions', facts: describeVersions(environment) },
          { title: 'Kernel settings', facts: Object.entries(environment.kernel_settings) },
        ]),
  ];
  return groups.filter(({ facts }) => facts.length > 0);
}

function describeRun({ name, rows, summary }: StoredRun): Fact[] {
  const started = rows[0]?.timestamp;
  const count = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : formatValue(value, 'count');
  return known([
    ['Folder', name],
    ['Started', started === undefined ? undefined : readableTime(started)],
    ['Lasted', formatValue(summary?.duration_s ?? rows.at(-1)?.elapsed_s, 'seconds')],
    ['Target', summary?.target],
    ['Build', summary?.target_build],
    ['Allocator', summary?.allocator],
    ['Connections per wave', count(summary?.connections)],
    [
      'Waves',
      summary === undefined
        ? undefined
        : `${count(summary.waves_completed) ?? '–'} of ${count(summary.waves_asked) ?? '–'}`,
    ],
    [
      'Echo messages',
      (summary?.messages_sent ?? 0) === 0
        ? undefined
        : `${count(summary?.messages_sent) ?? '–'} sent, ${count(summary?.echoes_received) ?? '–'} came back`,
    ],
    ['Samples', formatValue(rows.length, 'count')],
  ]);
}

function describeHardware(environment: StoredEnvironment): Fact[] {
  const { processor, cores, memory_bytes: memory, host } = environment;
  return known([
    ['Host', host],
    ['Processor', processor],
    ['Cores', cores === undefined ? undefined : String(cores)],
    ['Memory', memory === undefined ? undefined : formatValue(memory, 'bytes')],
    [
      'Available at the start',
      environment.available_memory_bytes === undefined
        ? undefined
        : formatValue(environment.available_memory_bytes, 'bytes'),
    ],
    ['System', environment.distribution],
    ['Kernel', environment.kernel],
    ['Kernel build', environment.kernel_version],
  ]);
}

function describeLimits(environment: StoredEnvironment): Fact[] {
  const { open_file_limit: files, ephemeral_ports: ports, memory_limit_bytes: limit } = environment;
  return known([
    ['Open files per process', typeof files === 'number' ? formatValue(files, 'count') : files],
    ['Local ports', ports.length === 2 ? ports.join(' to ') : undefined],
    [
      'Memory limit of the control group',
      limit === undefined ? 'none' : formatValue(limit, 'bytes'),
    ],
  ]);
}

function describeVersions(environment: StoredEnvironment): Fact[] {
  const { versions, dependencies } = environment;
  return known([
    ['Tidemark', environment.tidemark_version],
    ['Node', environment.node_version],
    ['V8', versions['v8']],
    ['OpenSSL', versions['openssl']],
    ...Object.entries(dependencies),
  ]);
}

/** `2026-01-31T12:34:56.789Z` → `2026-01-31 12:34:56 UTC`. */
export function readableTime(timestamp: string): string {
  return timestamp.replace(/^(\S+)T(\d\d:\d\d:\d\d).*Z$/, '$1 $2 UTC');
}

function known(facts: readonly (readonly [string, string | undefined])[]): Fact[] {
  return facts.flatMap(([name, value]): Fact[] =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
}

/** The variable of `--out`, which is left out of the command as the flag is. */
const outVariable = 'TIDEMARK_OUT';

/**
 * Writes the command that does the run again, for a POSIX shell: with the variables that were set for it, and without
 * its output folder, which holds this run. undefined if nobody knows it.
 */
export function writeCommand({ summary, environment }: StoredRun): string | undefined {
  const words = environment?.command_line ?? summary?.command_line ?? [];
  if (words.length === 0) return undefined;
  const variables = Object.entries(environment?.tidemark_variables ?? {})
    .filter(([name]) => name !== outVariable)
    .map(([name, value]) => `${name}=${quote(value)}`);
  return [...variables, ...withoutOut(words).map(quote)].join(' ');
}

function withoutOut(words: readonly string[]): string[] {
  return words.filter((word, index) => !/^--out(=|$)/.test(word) && words[index - 1] !== '--out');
}

/** Quotes a word for a POSIX shell, unless it needs no quotes. */
function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
