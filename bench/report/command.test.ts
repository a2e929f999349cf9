import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, mock } from 'node:test';
import { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { formatRow } from '../results/csv-file.js';
import { sampleColumns } from '../results/sample-columns.js';
import { addReportCommand } from './command.js';
import { exampleRows, exampleSummary } from './example-run.fixture.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-report-'));
after(() => {
  rmSync(root, { recursive: true, force: true });
});
const csv =
  stringify([Object.keys(sampleColumns)]) +
  exampleRows.map((row) => formatRow(sampleColumns, row)).join('');

function createRun(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

async function runCommand(...words: readonly string[]): Promise<{ out: string; err: string }> {
  const program = new Command('tidemark').exitOverride();
  addReportCommand(program);
  const out = mock.method(process.stdout, 'write', () => true);
  const err = mock.method(process.stderr, 'write', () => true);
  const textOf = (method: typeof out): string =>
    method.mock.calls.map((call) => String(call.arguments[0])).join('');
  try {
    await program.parseAsync(['report', ...words], { from: 'user' });
    return { out: textOf(out), err: textOf(err) };
  } finally {
    out.mock.restore();
    err.mock.restore();
  }
}

describe('tidemark report', () => {
  it('draws the report of a run and says where it is', async () => {
    const folder = createRun('whole', {
      'samples.csv': csv,
      'summary.json': JSON.stringify({ schema_version: 1, ...exampleSummary }),
      'environment.json': '{}',
    });
    const { out, err } = await runCommand('--json', folder);
    const path = join(folder, 'report.html');
    assert.deepEqual(JSON.parse(out), { report: path });
    assert.equal(err, `Report: ${path}\n`);
    assert.match(readFileSync(path, 'utf8'), /The memory stays, and the next wave uses it again\./);
    assert.equal(readdirSync(folder).length, 4);
  });

  it('draws it again over the old one, from samples alone', async () => {
    const folder = createRun('alone', { 'samples.csv': csv.slice(0, -5), 'report.html': 'old' });
    await runCommand(folder);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    assert.match(page, /There is no summary of this run/);
    assert.match(page, /The last row of samples\.csv is not whole/);
  });

  it('names other files that it can’t read, and goes on without them', async () => {
    const folder = createRun('half', {
      'samples.csv': csv,
      'summary.json': '{"schema_version": 1, "outc',
      'environment.json': '[]',
    });
    await runCommand(folder);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    assert.match(page, /Summary\.json [^<]*JSON[^<]*, so it was left out\./);
    assert.match(page, /Environment\.json is no description of a machine, so it was left out\./);
  });

  it('says in one line what is wrong', async () => {
    const empty = createRun('empty', {});
    const other = createRun('other', { 'samples.csv': 'a,b\n1,2\n' });
    for (const [run, message] of [
      [
        empty,
        `Cannot read ${join(empty, 'samples.csv')}: there is none, give the folder of a run, as bench prints it`,
      ],
      [
        join(root, 'none'),
        `Cannot read ${join(root, 'none', 'samples.csv')}: there is none, give the folder of a run, as bench prints it`,
      ],
      [
        join(other, 'samples.csv'),
        `${join(other, 'samples.csv')} is not a folder: give the folder of a run, as bench prints it`,
      ],
      [
        other,
        `${join(other, 'samples.csv')} is no samples.csv: it has no column timestamp, elapsed_s, wave, phase`,
      ],
    ] as const) {
      await assert.rejects(runCommand(run), { name: 'RunError', message });
    }
  });
});
