/**
 * Measures servers whose leaks are known and compares the verdicts with the truth: `npm run ground-truth`, or
 * `npm run ground-truth -- leak` for those cases that have `leak` in their name. Prints a Markdown table; exit status
 * 0 if all is right, 1 if something is not or the run was interrupted, 2 if there is no such case.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { RunSummary } from '../../bench/results/summary.js';
import { exitStatus, messageOf } from '../../program/failure.js';
import { findFreePort } from '../../server/free-port.js';
import { chooseCases, commonOptions, type KnownCase, knownCases, nothingKept } from './cases.js';
import { type CheckedCase, checkCase, failedCase, formatCases } from './check-case.js';

const tidemark = fileURLToPath(new URL('../../tidemark.js', import.meta.url));
const knownTarget = fileURLToPath(new URL('./known-target.js', import.meta.url));

/** The bench that runs now. */
let running: ChildProcess | undefined;
let isInterrupted = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    isInterrupted = true;
    // The first ends it in order, the second at once; with it gone, this program ends too.
    running?.kill('SIGINT');
  });
}

const chosen = chooseCases(process.argv[2] ?? '');
if (chosen.length === 0) {
  const names = knownCases.map(({ name }) => name).join(', ');
  process.stderr.write(`No case has ${JSON.stringify(process.argv[2])} in its name: ${names}\n`);
  process.exitCode = exitStatus.usage;
} else {
  process.exitCode = report(await runCases(chosen));
}

async function runCases(cases: readonly KnownCase[]): Promise<readonly CheckedCase[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-ground-truth-'));
  const checked: CheckedCase[] = [];
  let nothing: RunSummary | undefined;
  try {
    for (const [index, known] of cases.entries()) {
      process.stderr.write(`${index + 1}/${cases.length} ${known.name}\n`);
      const summary = await runBench(known, join(folder, String(index)));
      if (isInterrupted) break;
      if (known.name === nothingKept && typeof summary !== 'string') nothing = summary;
      const outcome =
        typeof summary === 'string'
          ? failedCase(known, summary)
          : checkCase(known, summary, nothing);
      for (const mistake of outcome.mistakes) process.stderr.write(`  wrong: ${mistake}\n`);
      checked.push(outcome);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return checked;
}

/** Prints the table, and returns the exit status. */
function report(checked: readonly CheckedCase[]): number {
  process.stdout.write(`${formatCases(checked)}\n`);
  const wrong = checked.filter(({ mistakes }) => mistakes.length > 0);
  for (const { name, mistakes } of wrong) {
    process.stderr.write(`Wrong: ${name} (${mistakes.join('; ')})\n`);
  }
  if (isInterrupted) process.stderr.write('Interrupted: the other cases were not run\n');
  return wrong.length > 0 || isInterrupted ? exitStatus.failed : exitStatus.done;
}

/** Runs the bench as a user would; returns its summary, or in words why it has written none. */
async function runBench(known: KnownCase, out: string): Promise<RunSummary | string> {
  const { target, bench = [] } = known;
  const port = await findFreePort('127.0.0.1', 0);
  const command = [process.execPath, knownTarget, `--port=${port}`, ...target].join(' ');
  running = spawn(
    process.execPath,
    [
      tidemark,
      'bench',
      '--quiet',
      `--exec=exec ${command}`,
      `--url=ws://127.0.0.1:${port}`,
      `--out=${out}`,
      ...commonOptions,
      ...bench,
    ],
    // In a group of its own, so that Ctrl-C reaches it once, through this program: twice would be in a hurry.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  const ended = once(running, 'exit');
  const errors = running.stderr === null ? '' : await text(running.stderr);
  await ended;
  running = undefined;
  try {
    return JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as RunSummary;
  } catch (error) {
    const lastLine = errors.trim().split('\n').at(-1) ?? '';
    return `the bench has written no summary: ${lastLine === '' ? messageOf(error) : lastLine}`;
  }
}
