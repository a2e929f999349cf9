import { compareOptionTable } from '../bench/compare/command.js';
import { diagnoseOptionTable } from '../bench/diagnose/options.js';
import { benchOptionTable } from '../bench/options.js';
import { type ColumnTable, sampleColumns, workerColumns } from '../bench/sample-columns.js';
import { failureCodes } from '../loadgen/failure-codes.js';
import { loadgenOptions } from '../loadgen/options.js';
import { doctorOptionTable } from '../doctor/options.js';
import { flagOf, type OptionTable } from '../options/option-table.js';
import { serverOptionTable } from '../server/options.js';
import { markdownTable } from './markdown-table.js';
import { spreadsheetCharts } from './spreadsheet-charts.js';

/** The tables of README.md that are made from the code, by the name in their marker comments. */
export const readmeTables: Readonly<Record<string, string>> = {
  'samples.csv': columnTable(sampleColumns),
  'workers.csv': columnTable(workerColumns),
  'spreadsheet charts': tableWithEnd(
    ['chart', 'kind', 'x', 'y', 'what it shows'],
    spreadsheetCharts.map(({ title, kind, x, y, shows }) => [title, kind, x, y.join(', '), shows]),
  ),
  'bench options': optionTable(benchOptionTable),
  'diagnose options': optionTable(diagnoseOptionTable),
  'compare options': optionTable(compareOptionTable),
  'doctor options': optionTable(doctorOptionTable),
  'server options': optionTable(serverOptionTable),
  'loadgen options': optionTable(loadgenOptions),
  'failure codes': tableWithEnd(
    ['code', 'meaning'],
    Object.entries(failureCodes).map(([code, meaning]) => [`\`${code}\``, meaning]),
  ),
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

function columnTable(columns: ColumnTable): string {
  return tableWithEnd(
    ['column', 'meaning', 'source'],
    Object.entries(columns).map(([name, { meaning, source }]) => [`\`${name}\``, meaning, source]),
  );
}

function optionTable(options: OptionTable): string {
  const rows = Object.entries(options).map(([name, definition]) => {
    const { argument, negation, summary, group, defaultText, default: value } = definition;
    const flag = argument === undefined ? flagOf(name) : `${flagOf(name)} ${argument}`;
    const flags = [
      `\`${flag}\``,
      ...(negation ? [`\`${flagOf(name).replace('--', '--no-')}\``] : []),
    ];
    return [group, flags.join(', '), summary, defaultText ?? describeDefault(value)];
  });
  return tableWithEnd(['group', 'flag', 'what it does', 'default'], rows);
}

function describeDefault(value: unknown): string {
  if (value === undefined || value === false) return '';
  return typeof value === 'string' ? `\`${value}\`` : `\`${JSON.stringify(value)}\``;
}

/** What stands between two markers ends with a line of its own. */
function tableWithEnd(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${markdownTable(head, rows)}\n`;
}
