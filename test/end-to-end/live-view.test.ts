/** The live view of `tidemark bench` as a terminal shows it. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import stringWidth from 'string-width';
import {
  type BenchResults,
  createResultsFolder,
  endlessHold,
  latestPids,
  quickRun,
  readResults,
} from './bench-process.js';
import { isAlive, startProgram, until } from './program.js';
import { isTmuxMissing, openTerminal, type Terminal } from './terminal.js';

const results = createResultsFolder();
after(results.remove);

/** Two waves of 200 connections, slow enough to be looked at: a ramp of 2 s. */
const slowRun = [...quickRun, '--rate=100', '--hold=500ms'] as const;

function newFolder(): string {
  return join(mkdtempSync(join(results.path, 'run-')), 'results');
}

function openBench(
  columns: number,
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): { readonly terminal: Terminal; readonly run: BenchResults } {
  const folder = newFolder();
  const words = ['bench', `--out=${folder}`, ...args];
  // As tall as a common window is, for the view to have no more room than there.
  return {
    terminal: openTerminal({ columns, rows: 24 }, words, environment),
    run: readResults(folder, () => true),
  };
}

/** First line, and the line above the memory, of each copy of the view. */
function titlesOf(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => /^(Wave \d+ of \d+,|starting |baseline |ended )/.test(line));
}

function memoryHeadsOf(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => /^memory +now/.test(line));
}

/** Fails unless the view is all that was ever written, once, and no line of it is broken or cut. */
function assertOneView(terminal: Terminal): void {
  const lines = terminal.everything();
  const shown = lines.join('\n');
  assert.equal(titlesOf(lines).length, 1, shown);
  assert.equal(memoryHeadsOf(lines).length, 1, shown);
  assert.equal(lines.filter((line) => line.startsWith('RSS ')).length, 1, shown);
  assert.match(shown, /^\d+ of 200 open · /m);
  assert.equal(terminal.hasBrokenLines(), false, shown);
}

describe('the live view', () => {
  for (const [columns, other] of [
    [80, 140],
    [140, 80],
    [80, 40],
  ] as const) {
    it(`shows one view, and then the result, at ${columns} columns with ${other} in between`, async (t) => {
      if (isTmuxMissing(t)) return;
      const { terminal } = openBench(columns, slowRun);
      await terminal.untilLine(/^Wave 1 of 2, ramp +█+░+ +\d+ %$/);
      await terminal.untilLine(/^malloc +[\d.]+ [KM]iB/);
      assertOneView(terminal);
      assert.equal(terminal.isCursorVisible(), false);

      terminal.resize(other, 24);
      await terminal.untilLine(/^Wave 1 of 2, hold/);
      assertOneView(terminal);
      terminal.resize(columns, 24);
      await terminal.untilLine(/^Wave 2 of 2, ramp/);
      assertOneView(terminal);

      await terminal.untilLine(/^exit status 0$/);
      const lines = terminal.everything();
      const shown = lines.join('\n');
      assert.match(titlesOf(lines).join(' and '), /^Wave 2 of 2, ended +░+ +0 %$/, shown);
      const effort = lines.findIndex((line) => line.startsWith('CPU target'));
      const table = lines.findIndex((line) => line.startsWith('┌'));
      assert.equal(table, effort + 1, shown);
      const tables = terminal.everything().filter((line) => /^[┌├└│]/.test(line));
      assert.ok(
        tables.every((line) => stringWidth(line) <= columns),
        shown,
      );
      assert.equal(terminal.isCursorVisible(), true);
    });
  }

  it('gives the terminal back after Ctrl-C, in order', async (t) => {
    if (isTmuxMissing(t)) return;
    const { terminal } = openBench(80, endlessHold);
    await terminal.untilLine(/^Wave 1 of 2, hold/);
    terminal.press('C-c');
    await terminal.untilLine(/^exit status 1$/);
    assert.equal(terminal.isCursorVisible(), true);
    const lines = terminal.everything();
    assert.equal(titlesOf(lines).length, 1, lines.join('\n'));
    assert.match(lines.join('\n'), /^tidemark: Interrupted by SIGINT in wave 1, hold; /m);
  });

  it('gives the terminal back after a second Ctrl-C, at once', async (t) => {
    if (isTmuxMissing(t)) return;
    const { terminal, run } = openBench(80, endlessHold);
    await terminal.untilLine(/^Wave 1 of 2, hold/);
    // The generator can't close its connections now, so that the run waits for it.
    for (const pid of latestPids(run, 'loadgen')) process.kill(pid, 'SIGSTOP');
    terminal.press('C-c');
    await terminal.untilLine(/^\d+ of 200 open · Ctrl-C again leaves at once$/);
    assert.equal(terminal.isCursorVisible(), false);
    terminal.press('C-c');
    await terminal.untilLine(/^exit status 1$/);
    assert.equal(terminal.isCursorVisible(), true);
    const lines = terminal.screen();
    const effort = lines.findIndex((line) => line.startsWith('CPU target'));
    assert.equal(lines[effort + 1], 'exit status 1', lines.join('\n'));
  });

  it('gives the terminal back when the program crashes', async (t) => {
    if (isTmuxMissing(t)) return;
    const crash = join(mkdtempSync(join(results.path, 'crash-')), 'crash.mjs');
    writeFileSync(
      crash,
      `if (process.argv[2] === 'bench') process.on('SIGUSR2', () => { throw new Error('crashed'); });`,
    );
    const { terminal } = openBench(80, endlessHold, { NODE_OPTIONS: `--import=${crash}` });
    await terminal.untilLine(/^Wave 1 of 2, hold/);
    process.kill(terminal.pid(), 'SIGUSR2');
    await terminal.untilLine(/^exit status /);
    assert.equal(terminal.isCursorVisible(), true);
    const lines = terminal.everything();
    assert.equal(titlesOf(lines).length, 1, lines.join('\n'));
    assert.match(lines.join('\n'), /^Error: crashed$/m);
  });

  it('gives the terminal back while it is suspended, and takes it again', async (t) => {
    if (isTmuxMissing(t)) return;
    const { terminal } = openBench(80, endlessHold);
    await terminal.untilLine(/^Wave 1 of 2, hold/);
    const pid = terminal.pid();
    process.kill(pid, 'SIGTSTP');
    await until(() => terminal.isCursorVisible());
    await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
    process.kill(pid, 'SIGCONT');
    await until(() => !terminal.isCursorVisible());
    terminal.press('C-c');
    await terminal.untilLine(/^exit status 1$/);
    assert.equal(terminal.isCursorVisible(), true);
  });

  it('lets the run end in order when its window is closed', async (t) => {
    if (isTmuxMissing(t)) return;
    const { terminal, run } = openBench(80, endlessHold);
    await terminal.untilLine(/^Wave 1 of 2, hold/);
    const pid = terminal.pid();
    terminal.close();
    await until(() => !isAlive(pid));
    assert.equal(run.summary().outcome, 'interrupted');
    assert.equal(run.summary().connections_closed, 200);
  });

  it('has colours, unless NO_COLOR is set', async (t) => {
    if (isTmuxMissing(t)) return;
    for (const [environment, hasColours] of [
      [{}, true],
      [{ NO_COLOR: '1' }, false],
    ] as const) {
      const { terminal } = openBench(80, endlessHold, environment);
      await terminal.untilLine(/^Wave 1 of 2, hold/);
      assert.equal(terminal.colouredScreen().includes('\u001B[36m'), hasColours);
      terminal.press('C-c');
      await terminal.untilLine(/^exit status 1$/);
    }
  });

  it('gives way to plain lines in a terminal that can be nothing but written to', async (t) => {
    if (isTmuxMissing(t)) return;
    const { terminal } = openBench(140, endlessHold, { TERM: 'dumb' });
    await terminal.untilLine(/wave 1\/2 hold +200 open/);
    assert.deepEqual(titlesOf(terminal.everything()), []);
    terminal.press('C-c');
    await terminal.untilLine(/^exit status 1$/);
  });
});

describe('tidemark bench without a terminal', () => {
  it('writes plain lines, without an escape character', async () => {
    const folder = newFolder();
    const args = ['bench', `--out=${folder}`, ...endlessHold];
    const program = startProgram(args, { FORCE_COLOR: '1' });
    await until(() => /^ +\d+\.\d s {2}wave 1\/2 hold +200 open/m.test(program.stderr()));
    program.child.kill('SIGINT');
    const { exitStatus, stderr, lines } = await program.exit;
    assert.equal(exitStatus, 1, stderr);
    assert.deepEqual(lines, []);
    assert.ok(!stderr.includes('\u001B'));
    assert.ok(existsSync(join(folder, 'summary.json')));
  });
});
