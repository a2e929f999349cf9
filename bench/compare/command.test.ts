import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, mock } from 'node:test';
import { Command, CommanderError } from 'commander';
import { RunError } from '../../program/failure.js';
import { addCompareCommand } from './command.js';
import { type Comparison, compareRuns } from './compare-runs.js';
import { formatComparison } from './compare-table.js';
import { readSummaries } from '../results/read-summary.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-compare-'));
after(() => {
  rmSync(root, { recursive: true, force: true });
});

function writeRun(name: string, text: string): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'summary.json'), text);
  return folder;
}

function writeSummary(name: string, fields: object): string {
  return writeRun(name, JSON.stringify({ schema_version: 1, outcome: 'completed', ...fields }));
}

const wave = (rss: number) => ({ per_connection_over_baseline: { rss_bytes: rss } });

const before = writeSummary('before', {
  target: 'uws',
  connections: 1000,
  verdict: 'released',
  bytes_per_connection: 1024,
  bytes_per_connection_low: 1000,
  bytes_per_connection_high: 1054,
  rss_bytes_per_connection: 1000,
  connect_p99_ms: 20,
  connect_errors: 0,
  waves: [wave(990), wave(1010)],
});
const changed = writeSummary('changed', {
  target: 'uws',
  connections: 1000,
  verdict: 'growing',
  verdict_reason: 'the floors rise by 512 B per connection opened',
  bytes_per_connection: 1536,
  bytes_per_connection_low: 1496,
  bytes_per_connection_high: 1600,
  rss_bytes_per_connection: 1100,
  connect_p99_ms: 25.5,
  connect_errors: 0,
  waves: [wave(1080), wave(1120)],
});

async function runCommand(...words: readonly string[]): Promise<{ out: string; err: string }> {
  const program = new Command('tidemark')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  addCompareCommand(program);
  const out = mock.method(process.stdout, 'write', () => true);
  const err = mock.method(process.stderr, 'write', () => true);
  const textOf = (method: typeof out): string =>
    method.mock.calls.map((call) => String(call.arguments[0])).join('');
  try {
    await program.parseAsync(['compare', ...words], { from: 'user' });
    return { out: textOf(out), err: textOf(err) };
  } finally {
    out.mock.restore();
    err.mock.restore();
  }
}

/** The cells of the row with this label. */
function rowOf(table: string, label: string): string[] | undefined {
  return table
    .split('\n')
    .map((line) => line.split('│').map((cell) => cell.trim()))
    .find((cells) => cells[1] === label)
    ?.slice(2, -1);
}

describe('formatComparison()', () => {
  it('fits a terminal, as several tables if need be', () => {
    const narrow = formatComparison(compareRuns(readSummaries([before, changed])), 90);
    const drawn = narrow.split('\n').filter((line) => /^[│┌├└]/.test(line));
    assert.ok(drawn.length > 10);
    for (const line of drawn) assert.ok(line.length <= 90, line);
  });

  const table = formatComparison(compareRuns(readSummaries([before, changed])));

  for (const [label, cells] of [
    ['', ['before', 'changed', 'difference', 'against the noise']],
    ['target', ['uws', 'uws', '=', '']],
    ['verdict', ['released', 'growing', '≠', '']],
    [
      'bytes per connection',
      [
        '1.00 KiB (1000 B to 1.03 KiB)',
        '1.50 KiB (1.46 KiB to 1.56 KiB)',
        '+512 B (+50.0 %)',
        // √(30² + 40²)
        'more than noise (50 B)',
      ],
    ],
    [
      'RSS per connection',
      // Variances of the means 100 and 400, 1 degree of freedom: 12.706 × √500 = 284.1.
      ['1000 B', '1.07 KiB', '+100 B (+10.0 %)', 'within noise (284 B)'],
    ],
    ['kernel per connection', ['–', '–', '–', '?']],
    ['connect p99', ['20.0 ms', '25.5 ms', '+5.5 ms (+27.5 %)', '?']],
    ['failed connections', ['0', '0', '=', '']],
  ] as const) {
    it(`writes the row "${label}"`, () => {
      assert.deepEqual(rowOf(table, label), cells);
    });
  }

  it('says why a run was judged as it was', () => {
    assert.match(table, /\nchanged: growing, the floors rise by 512 B per connection opened$/);
  });
});

describe('tidemark compare', () => {
  // The test runner's own reports go through standard output as well, so only --json is looked at there.
  it('prints one JSON document with --json, and the table on standard error', async () => {
    const { out, err } = await runCommand('--json', before, join(changed, 'summary.json'));
    const document = JSON.parse(out.trim().split('\n').at(-1) ?? '') as Comparison;
    assert.deepEqual(document.runs, [
      { name: 'before', path: join(before, 'summary.json') },
      { name: 'changed', path: join(changed, 'summary.json') },
    ]);
    const row = document.rows.find(({ field }) => field === 'bytes_per_connection');
    assert.deepEqual(row?.cells[1]?.difference, {
      state: 'more',
      amount: 512,
      percent: 50,
      noise: 50,
      evidence: 'intervals',
    });
    assert.match(err, /more than noise \(50 B\)/);
  });

  it('refuses a single run', async () => {
    await assert.rejects(runCommand(before), CommanderError);
  });
});

describe('readSummaries()', () => {
  it('names runs by their folders, and by their paths where these are the same', () => {
    const other = writeSummary('elsewhere/before', {});
    const names = readSummaries([before, other, changed]).map(({ name }) => name);
    assert.deepEqual(names, [before, other, 'changed']);
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['a folder that is not there', join(root, 'nowhere'), /^Cannot find the run .*: there is none/],
    ['a folder without a summary', root, /has no summary\.json/],
    ['no JSON', writeRun('text', '{\n"schema_version": 1,\n'), /^Cannot read .*summary\.json: /],
    ['other JSON', writeRun('list', '[1]'), /is no summary of a run/],
    ['no version', writeRun('bare', '{"outcome":"completed"}'), /is no summary of a run/],
    [
      'another version',
      writeRun('future', '{"schema_version":2,"tidemark_version":"9.0.0"}'),
      /has schema version 2 \(written by tidemark 9\.0\.0\), but only version 1 can be read/,
    ],
  ];
  for (const [name, path, message] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => readSummaries([before, path]),
        (error) => {
          assert.ok(error instanceof RunError);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        },
      );
    });
  }

  it('names all that can’t be read', () => {
    assert.throws(
      () => readSummaries([join(root, 'one'), before, join(root, 'two')]),
      /run [^;]*one: [^;]*; Cannot find the run [^;]*two: /,
    );
  });
});
