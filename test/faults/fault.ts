import { codeSpan, markdownTable } from '../../program/markdown.js';

/** Something that is done to a program of ours, for real, and what has to come of it. */
export interface Fault {
  readonly name: string;
  /** What has to come of it, in words. */
  readonly expected: string;
  /** Why it can't be done here, in words; undefined if it can. */
  readonly missing?: () => string | undefined;
  /**
   * Does it.
   * @param folder an empty one, for whatever it writes
   */
  readonly happen: (folder: string) => Promise<FaultOutcome>;
}

/** What came of it. */
export interface FaultOutcome {
  /** In words, as short as the program itself says it. */
  readonly outcome: string;
  /** What is wrong, in words; empty if all is as expected. */
  readonly mistakes: readonly string[];
  /** Rows that were taken and are not on disk whole; undefined where none are written. */
  readonly rowsLost?: number;
  /** Processes that were started and are still there. */
  readonly childrenLeft: number;
  /** Of the program, or the signal that ended it; undefined if it is to go on. */
  readonly exitStatus?: number | string;
}

/** Writes outcomes for docs/faults.md: as a table, and below it what was seen. Those that could not be had are left out. */
export function formatOutcomes(outcomes: readonly (readonly [Fault, FaultOutcome])[]): string {
  const head = ['fault', 'expected', 'rows lost', 'left', 'exit', 'right'];
  const table = markdownTable(
    head,
    outcomes.map(([{ name, expected }, facts]) => [
      name,
      expected,
      facts.rowsLost === undefined ? '–' : String(facts.rowsLost),
      String(facts.childrenLeft),
      facts.exitStatus === undefined ? '–' : String(facts.exitStatus),
      facts.mistakes.length === 0 ? 'yes' : '**no**',
    ]),
  );
  const seen = outcomes
    .filter(([, { outcome }]) => outcome !== '')
    .map(([{ name }, { outcome }]) => `- ${name}: ${codeSpan(outcome)}`);
  return [table, '', ...seen].join('\n');
}
