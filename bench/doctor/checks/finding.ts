import { formatCount } from '../../../program/quantities.js';

/** How a limit stands to what is asked of it. */
export type FindingState =
  /** Enough. */
  | 'ok'
  /** It does not stop the run, but slows it down, or distorts what is measured. */
  | 'tight'
  /** It stops the run. */
  | 'not ok'
  /** It could not be read. */
  | 'unknown';

/** What was found about one limit of the machine. */
export interface Finding {
  /** Short name, such as `fs.file-max`. */
  readonly limit: string;
  /** What it is, in a sentence without a full stop. */
  readonly meaning: string;
  /** What this machine has. */
  readonly here: string;
  /** What the run needs; empty if that is not known. */
  readonly needed: string;
  readonly state: FindingState;
  /** Commands that lift it, the one for this machine first. Empty if it is enough, or if there is none. */
  readonly remedies: readonly string[];
}

/** Writes a limit for people; Infinity is none. */
export function formatLimit(value: number): string {
  return Number.isFinite(value) ? formatCount(value) : 'unlimited';
}

/** Returns a finding, with its remedies only if something has to be done. */
export function toFinding(
  limit: string,
  meaning: string,
  here: string,
  needed: string,
  state: FindingState,
  remedies: readonly string[] = [],
): Finding {
  return { limit, meaning, here, needed, state, remedies: state === 'ok' ? [] : remedies };
}

/** Returns the finding for a limit that could not be read. */
export function unknownFinding(limit: string, meaning: string, source: string): Finding {
  return toFinding(limit, meaning, `can't read ${source}`, '', 'unknown');
}

/** Returns the command that sets a kernel variable until the machine is started again. */
export function sysctl(name: string, value: string | number): string {
  return `sudo sysctl -w ${name}='${value}'`;
}
