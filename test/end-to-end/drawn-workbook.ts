/** Lets LibreOffice Calc turn workbooks into CSV files, as people of a language see them, and into pictures. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';

/** A page as it would be printed. */
export interface DrawnPage {
  readonly text: string;
  /** Counts the pixels that have a colour, give or take what smoothing does. */
  readonly countPixels: (colour: `#${string}`) => number;
}

/** All sheets, comma, quotes, UTF-8; the language is that of the user; cells as they are, not as shown. */
const csvFilter = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1';

/** Opens a workbook in a Calc of a language, such as `de-DE`, and returns what it writes of each sheet, row by row. */
export async function writeSheetsAsCsv(
  workbook: string,
  locale: string,
): Promise<ReadonlyMap<string, readonly (readonly string[])[]>> {
  return inCalc(workbook, csvFilter, locale, (folder) => {
    const begin = `${basename(workbook, '.xlsx')}-`;
    const files = readdirSync(folder).filter((name) => name.endsWith('.csv'));
    return new Map(
      files.map((file) => {
        const rows: string[][] = parse(readFileSync(join(folder, file)), {
          relax_column_count: true,
        });
        return [basename(file, '.csv').slice(begin.length), rows] as const;
      }),
    );
  });
}

/** Prints a workbook by Calc, and draws the pages that have text of a chart or a sentence. */
export async function drawPages(workbook: string): Promise<readonly DrawnPage[]> {
  return inCalc(workbook, 'pdf', 'en-US', async (folder) => {
    const pdf = join(folder, `${basename(workbook, '.xlsx')}.pdf`);
    const { stdout } = await promisify(execFile)('pdftotext', [pdf, '-'], {
      maxBuffer: 64 * 1024 ** 2,
    });
    const pages: DrawnPage[] = [];
    for (const [index, text] of stdout.split('\f').entries()) {
      // Drawing all the numbers would take a minute.
      if (!text.includes('(sheet “')) continue;
      const number = String(index + 1);
      const args = [
        '-r',
        '75',
        '-f',
        number,
        '-l',
        number,
        '-singlefile',
        pdf,
        join(folder, number),
      ];
      await promisify(execFile)('pdftoppm', args);
      const picture = readFileSync(join(folder, `${number}.ppm`));
      pages.push({ text, countPixels: (colour) => countPixels(picture, colour) });
    }
    return pages;
  });
}

/** Counts in a picture as of netpbm's ppm(5), of 3 bytes a pixel behind three lines of text. */
function countPixels(picture: Buffer, colour: string): number {
  const wanted = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  let begin = 0;
  for (let line = 0; line < 3; line++) begin = picture.indexOf(10, begin) + 1;
  let count = 0;
  for (let at = begin; at < picture.length; at += 3) {
    if (wanted.every((value, index) => Math.abs((picture[at + index] ?? 0) - value) <= 24)) count++;
  }
  return count;
}

async function inCalc<Result>(
  workbook: string,
  filter: string,
  locale: string,
  read: (folder: string) => Result | Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-calc-'));
  try {
    const profile = join(folder, 'profile');
    mkdirSync(join(profile, 'user'), { recursive: true });
    writeFileSync(join(profile, 'user', 'registrymodifications.xcu'), settingsOf(locale));
    await promisify(execFile)('soffice', [
      `-env:UserInstallation=${pathToFileURL(profile).href}`,
      '--headless',
      ...['--convert-to', filter, '--outdir', folder, workbook],
    ]);
    return await read(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The settings of a user who has chosen a language for numbers and dates. */
function settingsOf(locale: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>${locale}</value></prop></item></oor:items>`;
}
