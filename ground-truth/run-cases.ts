/**
 * Measures servers whose leaks are known and compares the verdicts with the truth: `npm run ground-truth`, or
 * `npm run ground-truth -- leak` for those cases that have `leak` in their name. Prints a Markdown table.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { RunSummary } from '../bench/summary.js';
import { commonOptions, type KnownCase, knownCases, nothingKept } from './cases.js';
import { type CheckedCase, checkCase, formatCases } from './check-case.js';

const tidemark = fileURLToPath(new URL('../tidemark.js', import.meta.url));
const knownTarget = fileURLToPath(new URL('./known-target.js', import.meta.url));

const wanted = process.argv[2] ?? '';
const chosen = knownCases.filter(({ name }) => name === nothingKept || name.includes(wanted));
const folder = mkdtempSync(join(tmpdir(), 'tidemark-ground-truth-'));
const checked: CheckedCase[] = [];
let nothing: RunSummary | undefined;
try {
  for (const [index, known] of chosen.entries()) {
    process.stderr.write(`${index + 1}/${chosen.length} ${known.name}\n`);
    const summary = await runBench(known, join(folder, String(index)));
    nothing ??= summary;
    const outcome = checkCase(known, summary, nothing);
    for (const mistake of outcome.mistakes) process.stderr.write(`  wrong: ${mistake}\n`);
    checked.push(outcome);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${formatCases(checked)}\n`);
if (checked.some(({ mistakes }) => mistakes.length > 0)) process.exitCode = 1;

/** Runs the bench as a user would. Ctrl-C reaches it too, and it cleans up by itself. */
async function runBench({ target, bench = [] }: KnownCase, out: string): Promise<RunSummary> {
  const port = await findFreePort();
  const command = [process.execPath, knownTarget, `--port=${port}`, ...target].join(' ');
  const child = spawn(
    process.execPath,
    [
      tidemark,
      'bench',
      '--json',
      '--quiet',
      `--exec=exec ${command}`,
      `--url=ws://127.0.0.1:${port}`,
      `--out=${out}`,
      ...commonOptions,
      ...bench,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (output === '') {
    throw new Error(`The bench has written no summary: ${errors.trim().split('\n').at(-1) ?? ''}`);
  }
  return JSON.parse(output) as RunSummary;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
