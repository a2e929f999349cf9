/** A run exported as a workbook, opened by LibreOffice Calc in two languages and by another library, and drawn. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CellValue, readXlsx } from 'hucre';
import { tones } from '../../bench/report/html/tones.js';
import {
  type ColumnTable,
  sampleColumns,
  workerColumns,
} from '../../bench/results/sample-columns.js';
import { type BenchRun, createResultsFolder, quickRun, startBench } from './bench-process.js';
import { drawPages, writeSheetsAsCsv } from './drawn-workbook.js';
import { assertOneLine, isMissing, runProgram } from './program.js';
import { isCalcMissing } from './spreadsheet.js';

const results = createResultsFolder();
let run: BenchRun;
let workbook: string;

before(async () => {
  run = startBench(results.path, ...quickRun);
  const ended = await run.program.exit;
  assert.equal(ended.exitStatus, 0, ended.stderr);
  const exported = await runProgram('export', run.folder, '--xlsx', '--json');
  assert.equal(exported.exitStatus, 0, exported.stderr);
  workbook = join(run.folder, 'run.xlsx');
  assert.deepEqual(JSON.parse(exported.lines.join('')), { xlsx: workbook });
});
after(results.remove);

/** The CSV files with the sheets that hold them. */
const tables = (): readonly [
  string,
  ColumnTable,
  readonly Readonly<Record<string, string>>[],
][] => [
  ['samples', sampleColumns, run.samples()],
  ['workers', workerColumns, run.workers()],
];

describe('tidemark export --xlsx', () => {
  for (const [locale, decimalMark] of [
    ['en-US', '.'],
    ['de-DE', ','],
    ['fr-FR', ','],
  ] as const) {
    it(`has the numbers of the CSV files in a Calc of ${locale}`, async (t) => {
      if (isCalcMissing(t)) return;
      const sheets = await writeSheetsAsCsv(workbook, locale);
      let decimals = 0;
      for (const [name, columns, rows] of tables()) {
        const [head, , ...body] = sheets.get(name) ?? [];
        assert.deepEqual(head, Object.keys(columns));
        assert.equal(body.length, rows.length, name);
        for (const [index, row] of rows.entries()) {
          for (const [at, [column, { type }]] of Object.entries(columns).entries()) {
            if (type !== 'integer' && type !== 'decimal') continue;
            const cell = body[index]?.[at] ?? '';
            if (cell.includes(decimalMark)) decimals++;
            const expected = row[column] ?? '';
            const read = cell === '' ? '' : Number(cell.replace(decimalMark, '.'));
            assert.equal(read, expected === '' ? '' : Number(expected), `${column} ${cell}`);
          }
        }
      }
      assert.ok(decimals > 0, 'some number has decimals, written in that language');
    });
  }

  it('has three charts with their series, as Calc draws them', async (t) => {
    if (isCalcMissing(t)) return;
    if (isMissing(t, 'poppler-utils', 'pdftoppm', '-v')) return;
    const pages = await drawPages(workbook);
    for (const [sentence, shown] of [
      ['which owner takes part in the tide', ['vermillion', 'orange']],
      ['the slope is bytes per connection', ['sky']],
      ['level floors are kept once', ['vermillion', 'orange']],
    ] as const) {
      const page = pages.find(({ text }) => text.includes(sentence));
      assert.ok(page !== undefined, sentence);
      for (const tone of shown) {
        // A swatch of the legend has fewer than 60.
        const pixels = page.countPixels(tones[tone]);
        assert.ok(pixels > 100, `${sentence}: ${tone} has ${pixels} pixels`);
      }
    }
  });

  it('has typed cells and frozen heads, as another library reads them', async () => {
    const { sheets } = await readXlsx(readFileSync(workbook));
    assert.deepEqual(
      sheets.map(({ name }) => name),
      ['summary', 'charts', 'samples', 'workers', 'above baseline', 'floors'],
    );
    for (const { name, freezePane } of sheets) {
      if (name !== 'charts') assert.equal(freezePane?.rows, 2, name);
    }
    for (const [name, columns, rows] of tables()) {
      const cells = sheets.find((sheet) => sheet.name === name)?.rows;
      for (const [index, row] of rows.entries()) {
        for (const [at, [column, { type }]] of Object.entries(columns).entries()) {
          const text = row[column] ?? '';
          const value = cells?.[index + 2]?.[at] ?? null;
          if (text === '') assert.equal(value, null);
          else if (type === 'time') assert.deepEqual(value, new Date(`${text}Z`));
          else assert.equal(value, type === 'text' ? text : Number(text));
        }
      }
    }
    const values = new Map<CellValue | undefined, CellValue | undefined>(
      sheets[0]?.rows.map(([field, value]) => [field, value]),
    );
    const summary = run.summary();
    assert.equal(values.get('floors_after_gc'), summary.floors_after_gc);
    assert.equal(values.get('rss_bytes_per_connection'), summary.rss_bytes_per_connection);
    assert.deepEqual(values.get('started_at'), new Date(summary.started_at));
    assert.equal(values.get('waves[1].floor.rss_bytes'), summary.waves[1]?.floor?.rss_bytes);
  });

  it('writes its own file again, and no other', async () => {
    const before = readFileSync(workbook);
    const again = await runProgram('export', run.folder, '--xlsx');
    assert.equal(again.exitStatus, 0, again.stderr);
    assert.deepEqual(readFileSync(workbook), before);
    const other = join(results.path, 'other.xlsx');
    assert.equal((await runProgram('export', run.folder, '--xlsx', other)).exitStatus, 0);
    assert.deepEqual(readFileSync(other), before);
    writeFileSync(other, 'mine');
    const refused = await runProgram('export', run.folder, '--xlsx', other);
    assert.equal(refused.exitStatus, 1);
    assertOneLine(refused.stderr, /other\.xlsx: it is there already, name another file/);
    assert.equal(readFileSync(other, 'utf8'), 'mine');
  });

  it('says in one line what is wrong', async () => {
    const none = await runProgram('export', results.path, '--xlsx');
    assert.equal(none.exitStatus, 1);
    assertOneLine(none.stderr, /samples\.csv: there is none, give the folder of a run/);
    assert.ok(!existsSync(join(results.path, 'run.xlsx')));
    const format = await runProgram('export', run.folder);
    assert.equal(format.exitStatus, 2);
    assertOneLine(format.stderr, /Give the format to export to: --xlsx/);
  });
});
