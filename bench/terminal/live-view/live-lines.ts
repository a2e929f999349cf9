import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { failureCodes, type FailureCode } from '../../../loadgen/report/failure-codes.js';
import { bytesOrDash, formatBytes, formatCount } from '../../../program/quantities.js';
import { autoWaves, type Waves } from '../../options/wave-plan.js';
import { connectionsOf, type LiveState } from './live-state.js';
import { type MemoryOwner, memoryOwnerNames, memoryOwners } from './memory-owners.js';
import { lookAhead } from './outlook.js';
import type { Paint } from './paint.js';
import { progressBar, sparkline } from './series.js';

/** Columns and rows of a terminal. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Columns before a bar, and of the code of a failure. */
const titleColumns = 22;
/** Columns of the first two parts of a memory line: whose it is, and how much. */
const nameColumns = 13;
const bytesColumns = 9;
const narrowestSparkline = 8;
const mostFailures = 3;

/**
 * Draws the live view. No line is wider than the terminal, less one column: a full line would wrap when the window gets
 * narrower by one. There are fewer lines than rows; what matters least comes last and is left out first.
 */
export function liveLines(
  state: LiveState,
  nowMs: number,
  size: TerminalSize,
  paint: Paint,
): string[] {
  const width = Math.max(1, size.columns - 1);
  const lines = [
    waveLine(state, nowMs, width, paint),
    countsLine(state, nowMs, width),
    ...reasonLine(state, paint),
    ...failureLines(state, paint),
    ...memoryLines(state, width, paint),
    ...effortLine(state, width, paint),
  ];
  return lines
    .slice(0, Math.max(1, size.rows - 1))
    .map((line) => (stringWidth(line) <= width ? line : cliTruncate(line, width)));
}

function waveLine(state: LiveState, nowMs: number, width: number, paint: Paint): string {
  const { plan, position } = state;
  const where = position.wave === 0 ? '' : `Wave ${waveOf(position.wave, plan.waves)}, `;
  const title = `${where}${describePhase(state)} `.padEnd(titleColumns);
  const part = lookAhead(state, nowMs).open / connectionsOf(state);
  const percent = `${Math.floor(100 * part)} %`.padStart(6);
  const barWidth = Math.min(80, width - title.length - percent.length);
  const bar = barWidth < narrowestSparkline ? '' : paint.tide(progressBar(part, barWidth));
  return `${paint.strong(title)}${bar}${percent}`;
}

function waveOf(wave: number, waves: Waves): string {
  if (waves !== 'auto') return `${wave} of ${waves}`;
  return wave <= autoWaves.fewest
    ? `${wave} of ${autoWaves.fewest}+`
    : `${wave} of ≤ ${autoWaves.most}`;
}

/** Why the run goes on, where nobody has asked for so many waves. */
function reasonLine({ wave, ending }: LiveState, paint: Paint): string[] {
  if (wave?.why === undefined || ending !== 'none') return [];
  return [paint.faint(`${'goes on because'.padEnd(titleColumns)}${wave.why}`)];
}

function describePhase({ ending, sample, position }: LiveState): string {
  switch (ending) {
    case 'interrupted':
      return 'interrupted';
    case 'over':
      return 'ended';
    case 'none':
      return sample === undefined ? 'starting' : position.phase;
  }
}

function countsLine(state: LiveState, nowMs: number, width: number): string {
  const { plan, position, ending } = state;
  const { open, ratePerSecond, rampLeftMs, phaseLengthMs, runLeftMs } = lookAhead(state, nowMs);
  const openNow = `${formatCount(open)} of ${formatCount(connectionsOf(state))} open`;
  const runTime = `run ${duration(nowMs - state.beganMs)}`;
  if (ending === 'over') return joinFitting([openNow, runTime], width);
  if (ending === 'interrupted') return joinFitting([openNow, 'Ctrl-C again leaves at once'], width);
  const parts = [openNow];
  if (ratePerSecond !== undefined) {
    const asked = plan.rate === 'max' ? '' : ` of ${formatCount(plan.rate)}`;
    parts.push(`${formatCount(ratePerSecond)}${asked} per s`);
  }
  if (rampLeftMs !== undefined) parts.push(`full in ${duration(rampLeftMs)}`);
  if (phaseLengthMs !== undefined) {
    const passedMs = Math.min(phaseLengthMs, nowMs - state.phaseBeganMs);
    parts.push(`${position.phase} ${duration(passedMs)} of ${duration(phaseLengthMs)}`);
  }
  if (runLeftMs !== undefined) parts.push(`about ${duration(runLeftMs)} to go`);
  return joinFitting([...parts, runTime], width);
}

/** One line per kind of failure, the most frequent first. */
function failureLines({ counts }: LiveState, paint: Paint): string[] {
  const totals = new Map<FailureCode, number>();
  for (const { errors } of counts.values()) {
    for (const [code, total] of Object.entries(errors) as [FailureCode, number][]) {
      totals.set(code, (totals.get(code) ?? 0) + total);
    }
  }
  const kinds = [...totals].filter(([, total]) => total > 0).sort(([, a], [, b]) => b - a);
  const lines = kinds
    .slice(0, mostFailures)
    .map(([code, total]) =>
      paint.trouble(`${formatCount(total)} × ${code}`.padEnd(titleColumns) + failureCodes[code]),
    );
  if (kinds.length > mostFailures) {
    lines.push(paint.trouble(`and ${kinds.length - mostFailures} more kinds of failure`));
  }
  return lines;
}

function memoryLines(state: LiveState, width: number, paint: Paint): string[] {
  const { sample } = state;
  if (sample === undefined) return [];
  const known = memoryOwnerNames.filter((owner) => memoryOwners[owner](sample) !== undefined);
  const roomForAll = width - nameColumns - 2 * (bytesColumns + 2);
  const hasGrowth = roomForAll >= 2 * narrowestSparkline;
  const head = `${'memory'.padEnd(nameColumns)}${'now'.padStart(bytesColumns)}`;
  const growthHead = hasGrowth ? `  ${'growth'.padStart(bytesColumns)}` : '';
  return [
    paint.faint(`${head}${growthHead}  whole run`),
    ...known.map((owner) => memoryLine(state, owner, width, hasGrowth, paint)),
  ];
}

function memoryLine(
  state: LiveState,
  owner: MemoryOwner,
  width: number,
  hasGrowth: boolean,
  paint: Paint,
): string {
  const bytesOf = memoryOwners[owner];
  const now = state.sample && bytesOf(state.sample);
  const before = state.baseline && bytesOf(state.baseline);
  const growth = now === undefined || before === undefined ? undefined : now - before;
  const text = `${owner.padEnd(nameColumns)}${bytesOrDash(now).padStart(bytesColumns)}`;
  const growthText = hasGrowth ? `  ${signedBytes(growth).padStart(bytesColumns)}` : '';
  const room = Math.min(100, width - text.length - growthText.length - 2);
  if (room < narrowestSparkline) return text;
  return `${text}${growthText}  ${paint.tide(sparkline(state.memory[owner].means, room))}`;
}

function effortLine({ sample }: LiveState, width: number, paint: Paint): string[] {
  if (sample === undefined) return [];
  const parts = (
    [
      ['CPU target', sample.cpu_percent, '%'],
      ['generator', sample.loadgen_cpu_percent, '%'],
      ['bench', sample.sampler_cpu_percent, '%'],
      ['generator late by', sample.loadgen_lag_ms, 'ms'],
    ] as const
  ).flatMap(([name, value, unit]) =>
    value === undefined ? [] : [`${name} ${formatCount(value)} ${unit}`],
  );
  return parts.length === 0 ? [] : [paint.faint(joinFitting(parts, width))];
}

/** Joins as many parts as fit, the first in any case. */
function joinFitting(parts: readonly string[], width: number): string {
  return parts.reduce((line, part) => {
    const longer = `${line} · ${part}`;
    return stringWidth(longer) <= width ? longer : line;
  });
}

function signedBytes(value: number | undefined): string {
  return value === undefined || value < 0 ? bytesOrDash(value) : `+${formatBytes(value)}`;
}

/** Writes a duration for people: `0 s`, `59 s`, `1 min 05 s`, `2 h 03 min`. */
function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}
