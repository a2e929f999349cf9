import { codeSpan } from '../../program/markdown.js';
import { compareRuns, describeLoads } from '../compare/compare-runs.js';
import { formatDifference } from '../compare/compare-table.js';
import { type FinishedRun, parseSummary } from '../results/read-summary.js';
import type { RunSummary } from '../results/summary.js';

/** What a run differs by from an earlier one. */
export interface Differences {
  /** Name of the earlier run, as Markdown. */
  readonly earlier: string;
  /** What a field of summary.json differs by, and whether that is more than noise; empty if runs are not compared by it. */
  readonly of: (field: string) => string;
  /** What else there is to know before the two are compared, in words. */
  readonly notes: readonly string[];
}

/** Holds a run against an earlier one, by the rows and the noise of `tidemark compare`. */
export function findDifferences(
  earlier: FinishedRun,
  summary: Pick<RunSummary, 'schema_version'>,
): Differences {
  const present = parseSummary(summary);
  const { rows } = compareRuns([earlier, { name: 'this run', path: '', summary: present }]);
  const { outcome, reason, verdict } = earlier.summary;
  return {
    earlier: codeSpan(earlier.name),
    of: (field) => {
      const row = rows.find((each) => each.field === field);
      const difference = row?.cells[1]?.difference;
      if (row === undefined || difference === undefined) return '';
      if (field === 'verdict' && difference.state === 'different') return `was ${verdict ?? '–'}`;
      return formatDifference(difference, row.unit);
    },
    notes: [
      ...describeLoads([earlier.summary, present]),
      ...(outcome === 'completed' ? [] : [`${earlier.name}: ${reason ?? outcome ?? 'no outcome'}`]),
    ],
  };
}
