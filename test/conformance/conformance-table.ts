import { markdownTable } from '../../program/markdown.js';
import type { CaseResult } from './run-case.js';

/** How each server has done in one case. */
export interface ConformanceRow {
  readonly section: string;
  readonly name: string;
  readonly results: readonly CaseResult[];
}

/** Writes the results as a Markdown table, with the number of cases that each server passes. */
export function formatConformance(
  servers: readonly string[],
  rows: readonly ConformanceRow[],
): string {
  const totals = servers.map((_, index) => {
    const count = (kind: CaseResult['kind']): number =>
      rows.filter(({ results }) => results[index]?.kind === kind).length;
    return `${count('pass')} pass, ${count('cut')} cut, ${count('fail')} fail`;
  });
  return markdownTable(
    ['section', 'the server', ...servers],
    [
      ...rows.map(({ section, name, results }) => [section, name, ...results.map(describe)]),
      ['', `${rows.length} cases`, ...totals],
    ],
  );
}

function describe(result: CaseResult): string {
  return result.kind === 'fail' ? `**fail**: ${result.why}` : result.kind;
}
