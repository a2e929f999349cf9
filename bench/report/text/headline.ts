import type { StoredRun } from '../../results/read-run.js';
import type { RunFacts } from '../facts/run-facts.js';
import type { StoredJudgement } from '../../results/read-summary.js';
import { describeEvent } from '../../results/run-event.js';

/** The verdict as people read it first. */
export interface Headline {
  readonly verdict: StoredJudgement['verdict'];
  /** One short sentence. */
  readonly title: string;
  /** What it rests on, a sentence. */
  readonly evidence: string;
}

/** Says in plain words whether the memory came back. */
export function writeHeadline(facts: RunFacts): Headline {
  const [whole] = facts.judgements;
  if (whole === undefined) {
    return {
      verdict: 'inconclusive',
      title: titleOf('inconclusive', undefined),
      evidence: 'No wave was finished, or the memory could not be read.',
    };
  }
  return {
    verdict: whole.verdict,
    title: titleOf(whole.verdict, whole.trend),
    evidence: asSentence(whole.reason),
  };
}

function titleOf(verdict: StoredJudgement['verdict'], trend: StoredJudgement['trend']): string {
  switch (verdict) {
    case 'released':
      return 'The memory came back.';
    case 'retained':
      return 'The memory stays, and the next wave uses it again.';
    case 'growing':
      return trend === 'slowing'
        ? 'The memory still grows, but less and less.'
        : 'The memory keeps growing.';
    case 'inconclusive':
      return 'This run does not tell.';
  }
}

/** Says how the run ended, if it was not completed, and what else makes its figures doubtful; each a sentence. */
export function writeWarnings(run: StoredRun, facts: RunFacts): string[] {
  const { summary } = run;
  return [
    ...describeEnd(run),
    ...(facts.floorsAlone === undefined
      ? []
      : [
          `Going by the floors alone, the verdict would be “${facts.floorsAlone.verdict}”: ${facts.floorsAlone.reason}.`,
        ]),
    ...(run.isCut ? ['The last row of samples.csv is not whole and was left out.'] : []),
    ...run.problems.map((problem) => `${problem}, so it was left out.`),
    ...(summary?.discrepancies ?? []).map((text) => `The counts do not add up: ${text}.`),
    ...describeBottlenecks(summary?.bottlenecks ?? []),
    ...(summary?.events ?? []).map((event) => `${describeEvent(event)}.`),
    ...describeSkipped(summary?.samples_skipped ?? 0),
    ...describeRestarts(summary?.target_workers_restarted ?? 0),
    ...describeErrors(summary?.errors ?? {}),
    ...describeDetails(summary?.error_details ?? {}),
  ];
}

function describeEnd({ summary, rows }: StoredRun): string[] {
  if (summary === undefined) {
    const until = rows.at(-1)?.elapsed_s;
    return [
      'There is no summary of this run, as it was killed or still goes on; this report is drawn from the samples alone.',
      ...(until === undefined ? ['No sample was taken.'] : []),
    ];
  }
  if (summary.outcome === 'completed' || summary.outcome === undefined) return [];
  return [`The run was not completed: ${summary.reason ?? summary.outcome}.`];
}

function describeBottlenecks(bottlenecks: readonly string[]): string[] {
  if (bottlenecks.length === 0) return [];
  return [
    `The load generator was the bottleneck, so rates and latencies say nothing about the server: ${bottlenecks.join('; ')}.`,
  ];
}

function describeSkipped(samples: number): string[] {
  return samples === 0 ? [] : [`The sampler was late: ${samples} samples were skipped.`];
}

function describeRestarts(workers: number): string[] {
  return workers === 0
    ? []
    : [
        `${workers} of the target’s workers died and were replaced, so its memory can’t be compared.`,
      ];
}

function describeErrors(errors: Readonly<Record<string, number>>): string[] {
  const counted = Object.entries(errors).filter(([, count]) => count > 0);
  if (counted.length === 0) return [];
  return [`Errors: ${counted.map(([code, count]) => `${count} × ${code}`).join(', ')}.`];
}

function describeDetails(details: Readonly<Record<string, number>>): string[] {
  return Object.entries(details).map(([detail, count]) => `${count} × ${detail}.`);
}

/** Writes a clause as a sentence: a capital at its beginning, a full stop at its end. */
export function asSentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
