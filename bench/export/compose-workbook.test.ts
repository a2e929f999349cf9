import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleRows, exampleSummary } from '../report/example-run.fixture.js';
import type { WholeRun } from '../results/read-run.js';
import { composeWorkbook } from './compose-workbook.js';
import type { Sheet, SheetValue } from './ooxml/workbook.js';

const mebibyte = 1024 ** 2;
const run: WholeRun = {
  rows: exampleRows,
  isCut: false,
  name: 'example',
  summary: exampleSummary,
  environment: undefined,
  sites: [],
  problems: [],
  workers: [],
  summaryDocument: {
    waves: [{ floor: { rss_bytes: 5 } }],
    target: '=cmd()',
    started_at: '2026-01-31T12:34:56.789Z',
    floors_after_gc: true,
    latency_histograms: { connect: 'HISTF' },
  },
};
const schema = { properties: { target: { description: 'What was tested.' } } };

function sheetOf(name: string, of: WholeRun = run): Sheet {
  const sheet = composeWorkbook(of, schema).find((each) => each.name === name);
  assert.ok(sheet !== undefined, name);
  return sheet;
}

function columnOf({ rows }: Sheet, name: string): readonly SheetValue[] {
  const at = rows[0]?.indexOf(name) ?? -1;
  assert.ok(at >= 0, name);
  return rows.slice(2).map((row) => row[at]);
}

describe('composeWorkbook()', () => {
  it('has a row for each value of the summary, plain fields first, and no histogram', () => {
    assert.deepEqual(sheetOf('summary').rows.slice(2), [
      ['target', '=cmd()', '', 'What was tested.'],
      ['started_at', new Date('2026-01-31T12:34:56.789Z'), 'UTC', ''],
      ['floors_after_gc', true, '', ''],
      ['waves[0].floor.rss_bytes', 5, 'bytes', ''],
    ]);
  });

  it('writes units below names, and times as dates', () => {
    const samples = sheetOf('samples');
    assert.deepEqual(samples.rows[1]?.slice(0, 3), ['UTC', 'seconds', '']);
    assert.ok(columnOf(samples, 'timestamp').every((value) => value instanceof Date));
    assert.deepEqual(
      columnOf(samples, 'rss_bytes'),
      exampleRows.map((row) => row.rss_bytes),
    );
  });

  it('takes the baseline off each owner', () => {
    // 1,000 connections of 1 KiB in malloc, and in the second wave 3 MiB that have stayed.
    const kept = [0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3];
    const expected = exampleRows.map(
      ({ connections = 0 }, index) => (kept[index] ?? 0) * mebibyte + connections * 1024,
    );
    assert.deepEqual(columnOf(sheetOf('above baseline'), 'malloc − baseline'), expected);
  });

  it('draws three charts over the cells of their sheets', () => {
    const { charts } = sheetOf('charts');
    assert.deepEqual(
      charts.map(({ kind }) => kind),
      ['lines', 'points', 'columns'],
    );
    assert.deepEqual(charts[1]?.series, [
      { label: 'RSS', colour: '#56b4e9', x: "'samples'!$E$3:$E$19", y: "'samples'!$Q$3:$Q$19" },
    ]);
    assert.ok(charts[0]?.series.some(({ label }) => label === 'malloc'));
  });

  it('says which charts a run has no figures for, and what could not be read', () => {
    const baseline = exampleRows.slice(0, 3);
    const cut = { ...run, rows: baseline, isCut: true, summaryDocument: undefined };
    assert.equal(sheetOf('charts', cut).charts.length, 2);
    assert.ok(
      sheetOf('charts', cut).rows.some(
        ([text]) => text === 'Floors per wave: left out, no wave of this run has come to its floor',
      ),
    );
    assert.deepEqual(
      sheetOf('summary', cut)
        .rows.slice(2)
        .map(([field]) => field),
      ['problem', 'problem'],
    );
    const empty = { ...cut, rows: [] };
    assert.equal(sheetOf('charts', empty).charts.length, 0);
  });
});
