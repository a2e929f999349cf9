import { compareOptionTable } from '../bench/compare/command.js';
import { exportOptionTable } from '../bench/export/command.js';
import { diagnoseOptionTable } from '../bench/diagnose/options.js';
import { benchOptionTable } from '../bench/options/option-table.js';
import { siteColumns } from '../bench/results/site-columns.js';
import { type ColumnTable, sampleColumns, workerColumns } from '../bench/results/sample-columns.js';
import { failureCodes } from '../loadgen/report/failure-codes.js';
import { loadgenOptions } from '../loadgen/plan/options.js';
import { doctorOptionTable } from '../bench/doctor/command.js';
import { flagOf, type OptionTable } from '../program/option-table.js';
import { serverOptionTable } from '../server/options.js';
import { markdownTable } from '../program/markdown.js';
import { spreadsheetCharts } from './spreadsheet-charts.js';

/** What is written into the pages from the code: by page, and by the name in its marker comments. */
export const pageTables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'columns.md': {
    'samples.csv': columnList(sampleColumns),
    'workers.csv': columnList(workerColumns),
    'sites.csv': columnList(siteColumns),
  },
  'spreadsheet.md': {
    'spreadsheet charts': listWithEnd(
      spreadsheetCharts.map(
        ({ title, kind, x, y, shows }) =>
          `**${title}** (${kind}): ${shows}. x: ${x}; y: ${y.join(', ')}.`,
      ),
    ),
  },
  'options.md': {
    'bench options': optionList(benchOptionTable),
    'diagnose options': optionList(diagnoseOptionTable),
    'compare options': optionList(compareOptionTable),
    'export options': optionList(exportOptionTable),
    'doctor options': optionList(doctorOptionTable),
    'server options': optionList(serverOptionTable),
    'loadgen options': optionList(loadgenOptions),
    'failure codes': `${markdownTable(
      ['code', 'meaning'],
      Object.entries(failureCodes).map(([code, meaning]) => [`\`${code}\``, meaning]),
    )}\n`,
  },
};

/**
 * Puts tables into the text of a page, between `<!-- table: NAME -->` and `<!-- end -->`.
 * @throws {Error} if the page has no place for one of them.
 */
export function insertTables(page: string, tables: Readonly<Record<string, string>>): string {
  let text = page;
  for (const [name, table] of Object.entries(tables)) {
    const begin = `<!-- table: ${name} -->\n`;
    const from = text.indexOf(begin);
    const to = text.indexOf('<!-- end -->', from);
    if (from === -1 || to === -1) throw new Error(`The page has no place for the table ${name}`);
    text = `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`;
  }
  return text;
}

/** Strips what a formatter may change in a table: the width of its columns. */
export function normalizeTables(text: string): string {
  return text.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---');
}

/** A list rather than a table: most lines are too long for one. */
function columnList(columns: ColumnTable): string {
  return listWithEnd(
    Object.entries(columns).map(
      ([name, { meaning, source }]) => `\`${name}\`: ${meaning} (${source})`,
    ),
  );
}

/** One list for each group of options, in the order of the help. */
function optionList(options: OptionTable): string {
  const entries = Object.entries(options);
  const groups = [...new Set(entries.map(([, { group }]) => group))];
  return groups
    .map((name) => {
      const members = entries.filter(([, { group }]) => group === name);
      return `**${name}**\n\n${listWithEnd(members.map(describeOption))}`;
    })
    .join('\n');
}

function describeOption([name, definition]: readonly [string, OptionTable[string]]): string {
  const { argument, negation, summary, defaultText, default: value } = definition;
  const flag = argument === undefined ? flagOf(name) : `${flagOf(name)} ${argument}`;
  const flags = [
    `\`${flag}\``,
    ...(negation ? [`\`${flagOf(name).replace('--', '--no-')}\``] : []),
  ];
  const usual = defaultText ?? describeDefault(value);
  return `${flags.join(', ')}: ${summary}${usual === '' ? '' : ` (default: ${usual})`}`;
}

function describeDefault(value: unknown): string {
  if (value === undefined || value === false) return '';
  return typeof value === 'string' ? `\`${value}\`` : `\`${JSON.stringify(value)}\``;
}

/** What stands between two markers ends with a line of its own. */
function listWithEnd(items: readonly string[]): string {
  return items.map((item) => `- ${item.replaceAll('|', '\\|')}\n`).join('');
}
