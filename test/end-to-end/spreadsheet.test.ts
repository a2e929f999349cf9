/** The CSV files of a run, opened in a spreadsheet. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type ColumnTable,
  phases,
  sampleColumns,
  workerColumns,
} from '../../bench/results/sample-columns.js';
import { floorFormula } from '../../docs/spreadsheet-charts.js';
import {
  type BenchRun,
  createResultsFolder,
  type CsvRow,
  quickRun,
  startBench,
} from './bench-process.js';
import { isCalcMissing, openInCalc, type SpreadsheetCell } from './spreadsheet.js';

const results = createResultsFolder();
let run: BenchRun;

before(async () => {
  run = startBench(results.path, ...quickRun);
  const { exitStatus, stderr } = await run.program.exit;
  assert.equal(exitStatus, 0, stderr);
});
after(results.remove);

/** Words that a text cell may hold. A spreadsheet would run a text that begins with `=`. */
const words: readonly string[] = [...phases, 'target', 'loadgen', 'sampler'];

/** Fails unless a cell has the type of its column and the value that the file has. */
function assertCell(
  cell: SpreadsheetCell | undefined,
  text: string,
  type: ColumnTable[string]['type'],
): void {
  if (text === '') {
    assert.ok(cell === undefined || cell.kind === 'empty');
    return;
  }
  switch (type) {
    case 'time':
      // The cell shows all of it; the file that it is read from keeps hundredths.
      assert.deepEqual(cell, { kind: 'time', iso: cell?.kind === 'time' ? cell.iso : '', text });
      assert.ok(Math.abs(Date.parse(cell.iso) - Date.parse(text)) <= 10, `${cell.iso} is ${text}`);
      break;
    case 'text':
      assert.deepEqual(cell, { kind: 'text', text });
      assert.ok(words.includes(text));
      break;
    case 'foreign text':
      assert.deepEqual(cell, { kind: 'text', text });
      break;
    case 'integer':
    case 'decimal':
      assert.deepEqual(cell, { kind: 'number', value: Number(text) });
      break;
  }
}

function assertSheet(
  sheet: readonly (readonly SpreadsheetCell[])[],
  rows: readonly CsvRow[],
  columns: ColumnTable,
): void {
  const [head, ...body] = sheet;
  assert.deepEqual(
    head,
    Object.keys(columns).map((text) => ({ kind: 'text', text })),
  );
  assert.equal(body.length, rows.length);
  for (const [index, row] of rows.entries()) {
    for (const [column, [name, { type }]] of Object.entries(columns).entries()) {
      assertCell(body[index]?.[column], row[name] ?? '', type);
    }
  }
}

describe('LibreOffice Calc', () => {
  it('takes the cells of samples.csv for what they are: times, numbers, words, empty', async (t) => {
    if (isCalcMissing(t)) return;
    const rows = run.samples();
    assert.ok(
      rows.some((row) => Object.values(row).includes('')),
      'some cell is empty',
    );
    assertSheet(await openInCalc(join(run.folder, 'samples.csv')), rows, sampleColumns);
  });

  it('takes those of workers.csv for what they are', async (t) => {
    if (isCalcMissing(t)) return;
    const sheet = await openInCalc(join(run.folder, 'workers.csv'));
    assertSheet(sheet, run.workers(), workerColumns);
  });

  it('finds the floor of each wave by the formula of docs/spreadsheet.md', async (t) => {
    if (isCalcMissing(t)) return;
    const withFormula = join(run.folder, 'formula.csv');
    const [head = '', first = '', second = '', ...others] = readFileSync(
      join(run.folder, 'samples.csv'),
      'utf8',
    ).split('\n');
    const quoted = (wave: number): string => `"${floorFormula(wave).replaceAll('"', '""')}"`;
    const lines = [head, `${first},${quoted(1)}`, `${second},${quoted(2)}`, ...others];
    writeFileSync(withFormula, lines.join('\n'));
    const sheet = await openInCalc(withFormula);
    for (const wave of [1, 2]) {
      const rests = run
        .samples()
        .filter((row) => row['wave'] === String(wave) && row['phase'] === 'rest');
      const lowest = Math.min(...rests.map((row) => Number(row['rss_bytes'])));
      assert.deepEqual(sheet[wave]?.at(-1), { kind: 'number', value: lowest });
    }
  });
});
