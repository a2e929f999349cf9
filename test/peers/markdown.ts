import { markdownTable } from '../../program/markdown.js';
import { formatBytes, formatCount } from '../../program/quantities.js';
import type { BenchFigures } from './bench-runs.js';
import { type BenchmarkResults, medians, type PeerResult } from './results.js';
import { checkTargets } from './targets.js';

/** Where and how it was measured. */
export interface BenchmarkCircumstances {
  readonly command: string;
  readonly machine: string;
  readonly versions: string;
  readonly minutes: number;
  /** How often each peer was measured. */
  readonly runs: number;
}

/** Writes the results as Markdown: targets, servers, generators, and what grows with the connections. */
export function writeMarkdown(
  results: BenchmarkResults,
  { command, machine, versions, minutes, runs }: BenchmarkCircumstances,
): string {
  return [
    `Measured with \`${command}\` in ${minutes.toFixed(0)} minutes on ${machine}; ${versions}. ${runs === 1 ? 'Each was measured once' : `Medians of ${runs} runs`}.`,
    markdownTable(
      ['what', 'target', 'measured', 'met'],
      checkTargets(results).map(({ what, target, measured, isMet }) => [
        what,
        target,
        measured,
        isMet === undefined ? '' : isMet ? 'yes' : '**no**',
      ]),
    ),
    markdownTable(
      [
        'server, one process',
        'RSS per connection',
        'CPU per connection',
        'opened /s',
        'echoes /s',
        'CPU per echo',
      ],
      results.servers.map((result) =>
        peerCells(result, 5, (figures) => [
          formatBytes(figures.rssBytesPerConnection),
          micros(figures.cpuMicrosPerConnection),
          formatCount(figures.connectionsPerSecond),
          formatCount(figures.echoesPerSecond),
          micros(figures.cpuMicrosPerEcho),
        ]),
      ),
    ),
    markdownTable(
      ['generator, one process', 'CPU per connection', 'PSS per connection', 'opened /s'],
      results.generators.map((result) =>
        peerCells(result, 3, (figures) => [
          micros(figures.cpuMicrosPerConnection),
          formatBytes(figures.pssBytesPerConnection),
          formatCount(figures.connectionsPerSecond),
        ]),
      ),
    ),
    ...(results.growth.length < 2 ? [] : [writeGrowth(results.growth)]),
  ].join('\n\n');
}

/**
 * Returns how a figure grows with the connections: the exponent b of y = a × n^b between the smallest and the largest run,
 * 1 for linear, less for better. Undefined if it can't be told.
 */
export function growthExponent(
  runs: readonly BenchFigures[],
  figure: (run: BenchFigures) => number,
): number | undefined {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const exponent =
    Math.log(figure(last) / figure(first)) / Math.log(last.connections / first.connections);
  return Number.isFinite(exponent) ? exponent : undefined;
}

const grown: readonly (readonly [
  string,
  (run: BenchFigures) => number,
  (value: number) => string,
])[] = [
  ['memory used in all', (run) => run.memoryUsedBytes, formatBytes],
  ['ramp', (run) => run.rampSeconds, (seconds) => `${seconds.toFixed(1)} s`],
  ['CPU of the sampler', (run) => run.samplerCpuPercent ?? NaN, (value) => `${value.toFixed(1)} %`],
  [
    'counting what is held, at a floor',
    (run) => run.floorCountingMs ?? NaN,
    (value) => `${value.toFixed(0)} ms`,
  ],
  ['target processes', (run) => run.targetProcesses, formatCount],
];

function writeGrowth(runs: readonly BenchFigures[]): string {
  return markdownTable(
    ['connections', ...runs.map(({ connections }) => formatCount(connections)), 'grows as'],
    grown.map(([name, figure, format]) => {
      const exponent = growthExponent(runs, figure);
      return [
        name,
        ...runs.map((run) => (Number.isNaN(figure(run)) ? '–' : format(figure(run)))),
        exponent === undefined ? '–' : `n^${exponent.toFixed(2)}`,
      ];
    }),
  );
}

function peerCells<Figures extends object>(
  result: PeerResult<Figures>,
  columns: number,
  cells: (figures: Readonly<Record<keyof Figures, number>>) => readonly string[],
): readonly string[] {
  const figures = medians(result);
  if (figures !== undefined) return [result.name, ...cells(figures)];
  const why = 'skipped' in result ? result.skipped : 'no run';
  return [result.name, `skipped: ${why}`, ...Array<string>(columns - 1).fill('')];
}

function micros(value: number): string {
  return `${value.toFixed(1)} µs`;
}
