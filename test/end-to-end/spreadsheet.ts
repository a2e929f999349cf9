/** Opens CSV files in LibreOffice Calc, as people do, and reads back what it takes their cells for. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { isMissing } from './program.js';

/** A cell as a spreadsheet has it. */
export type SpreadsheetCell =
  | { readonly kind: 'empty' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  /** `iso` is to hundredths of a second, all that the file format keeps; `text` is what the cell shows. */
  | { readonly kind: 'time'; readonly iso: string; readonly text: string };

/** Tells whether LibreOffice is missing, and then skips the test or fails it, see {@link isMissing}. */
export function isCalcMissing(t: TestContext): boolean {
  return isMissing(t, 'LibreOffice Calc', 'soffice', '--version');
}

/** Opens a CSV file in Calc with its default settings, by a profile of its own, and returns all cells, row by row. */
export async function openInCalc(
  csvPath: string,
): Promise<readonly (readonly SpreadsheetCell[])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-calc-'));
  try {
    const { stderr } = await promisify(execFile)(
      'soffice',
      [
        `-env:UserInstallation=${pathToFileURL(join(folder, 'profile')).href}`,
        '--headless',
        ...['--convert-to', 'fods', '--outdir', folder, csvPath],
      ],
      { env: { ...process.env, LC_ALL: 'C.UTF-8' } },
    );
    const converted = join(folder, basename(csvPath).replace(/csv$/, 'fods'));
    if (!existsSync(converted)) throw new Error(`Cannot convert ${csvPath}: ${stderr}`);
    return readFlatOpenDocument(readFileSync(converted, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reads the cells of the first sheet (OpenDocument 1.3, part 3, section 9). Empty rows at its end are left out. */
function readFlatOpenDocument(xml: string): readonly (readonly SpreadsheetCell[])[] {
  const sheet = /<table:table .*?<\/table:table>/s.exec(xml)?.[0] ?? '';
  const rows = sheet.matchAll(/<table:table-row\b([^>]*?)(?:\/>|>(.*?)<\/table:table-row>)/gs);
  return [...rows]
    .flatMap(([, attributes = '', content = '']) => {
      const row = readCells(content);
      const isEmpty = row.every(({ kind }) => kind === 'empty');
      return isEmpty ? [] : repeat(row, attributeOf(attributes, 'table:number-rows-repeated'));
    })
    .map(withoutEmptyEnd);
}

function readCells(row: string): readonly SpreadsheetCell[] {
  const cells = row.matchAll(/<table:table-cell\b([^>]*?)(?:\/>|>(.*?)<\/table:table-cell>)/gs);
  return [...cells].flatMap(([, attributes = '', content = '']) =>
    repeat(readCell(attributes, content), attributeOf(attributes, 'table:number-columns-repeated')),
  );
}

function readCell(attributes: string, content: string): SpreadsheetCell {
  const text = /<text:p>(.*?)<\/text:p>/s.exec(content)?.[1] ?? '';
  switch (attributeOf(attributes, 'office:value-type')) {
    case undefined:
      return { kind: 'empty' };
    case 'float':
      return { kind: 'number', value: Number(attributeOf(attributes, 'office:value')) };
    case 'date':
      return { kind: 'time', iso: attributeOf(attributes, 'office:date-value') ?? '', text };
    default:
      return { kind: 'text', text };
  }
}

function attributeOf(attributes: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
}

function repeat<Value>(value: Value, times: string | undefined): Value[] {
  return Array.from({ length: Number(times ?? 1) }, () => value);
}

/** Calc counts the columns of a sheet on to its right edge. */
function withoutEmptyEnd(row: readonly SpreadsheetCell[]): readonly SpreadsheetCell[] {
  return row.slice(0, row.findLastIndex(({ kind }) => kind !== 'empty') + 1);
}
