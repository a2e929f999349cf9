/**
 * Measures servers whose leaks are known and compares the verdicts with the truth: `npm run ground-truth`, or with
 * `-- --name leak` those cases that have `leak` in their name, with `--shard 1/3` every third of them, with `--quick` smaller
 * and shorter runs. Prints a Markdown table; exit status 0 if all is right, 1 if something is not or the run was interrupted,
 * 2 if there is no such case.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Command, CommanderError } from 'commander';
import type { RunSummary } from '../../bench/results/summary.js';
import { tidemarkProgram } from '../../bench/targets/child-program.js';
import { endingSignals } from '../../program/ending-signals.js';
import { exitStatus, messageOf, UsageError } from '../../program/failure.js';
import { addOptions, option, readOptions, switchOption } from '../../program/option-table.js';
import { waitUntilListening } from '../../program/wait-until-listening.js';
import { findFreePort } from '../../server/free-port.js';
import { chooseCases, knownCases } from './cases.js';
import { type CheckedCase, checkCase, failedCase, formatCases } from './check-case.js';
import {
  cacheBound,
  cacheEntries,
  commonOptions,
  type KnownCase,
  nothingKept,
  quickToleranceShare,
} from './known-case.js';
import { knownServers } from './known-servers.js';
import { makeCertificate } from '../end-to-end/make-certificate.js';

/** Longest start of a server that is to be warm. */
const startTimeoutMs = 30_000;

/** After the load, so that it is at rest when it is measured. */
const coolDownMs = 5000;

const group = 'Cases';

const optionTable = {
  name: option({
    group,
    argument: 'TEXT',
    summary: 'only the cases that have it in their names',
    parse: (given) => given,
    default: '',
    defaultText: 'all',
  }),
  shard: option({
    group,
    argument: 'I/N',
    summary: 'every N-th of them, from the I-th on',
    parse: parseShard,
    default: { index: 1, of: 1 },
    defaultText: '1/1',
  }),
  quick: switchOption(group, 'fewer connections and shorter waves'),
};

function parseShard(given: string): { readonly index: number; readonly of: number } {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(given) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of) return shard;
  throw new RangeError(`${JSON.stringify(given)} is no shard such as 1/3`);
}

/** The programs that run now. */
const running = new Set<ChildProcess>();
let isInterrupted = false;

for (const signal of endingSignals) {
  process.on(signal, () => {
    isInterrupted = true;
    // The first ends a bench in order, the second at once; with them gone, this program ends too.
    for (const child of running) child.kill('SIGINT');
  });
}

const command = new Command('ground-truth').exitOverride();
addOptions(command, optionTable);
try {
  command.parse();
  process.exitCode = await runChosen(readOptions(command, optionTable));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`ground-truth: ${messageOf(error)}\n`);
    process.exitCode = exitStatus.usage;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  } else throw error;
}

async function runChosen({
  name,
  shard,
  quick,
}: ReturnType<typeof readOptions<typeof optionTable>>): Promise<number> {
  const chosen = chooseCases(name, shard);
  if (chosen.length > 0) return report(await runCases(chosen, quick ? 'quick' : 'full'));
  const names = knownCases.map((known) => known.name).join(', ');
  process.stderr.write(`No case has ${JSON.stringify(name)} in its name: ${names}\n`);
  return exitStatus.usage;
}

async function runCases(
  cases: readonly KnownCase[],
  size: keyof typeof commonOptions,
): Promise<readonly CheckedCase[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-ground-truth-'));
  const checked: CheckedCase[] = [];
  let nothing: RunSummary | undefined;
  try {
    makeCertificate(join(folder, 'cert.pem'), join(folder, 'key.pem'));
    for (const [index, known] of cases.entries()) {
      process.stderr.write(`${index + 1}/${cases.length} ${known.name}\n`);
      const missing = knownServers[known.server].missing();
      if (missing !== undefined && process.env['TIDEMARK_REQUIRE_ALL'] !== '1') {
        process.stderr.write(`  left out: ${missing}\n`);
        continue;
      }
      const summary = missing ?? (await runBench(known, folder, String(index), size));
      if (isInterrupted) break;
      if (known.name === nothingKept && typeof summary !== 'string') nothing = summary;
      const outcome =
        typeof summary === 'string'
          ? failedCase(known, summary)
          : checkCase(size === 'quick' ? tolerantOf(known) : known, summary, nothing);
      for (const mistake of outcome.mistakes) process.stderr.write(`  wrong: ${mistake}\n`);
      checked.push(outcome);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return checked;
}

function tolerantOf(known: KnownCase): KnownCase {
  const { measure } = known;
  return measure === undefined
    ? known
    : { ...known, measure: { ...measure, toleranceShare: quickToleranceShare } };
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
async function runBench(
  known: KnownCase,
  folder: string,
  name: string,
  size: keyof typeof commonOptions,
): Promise<RunSummary | string> {
  const { server, target, environment = {}, warmConnections, bench = [] } = known;
  const port = await findFreePort('127.0.0.1', 0);
  const entries = cacheEntries[size];
  const cacheBytes = `${entries * cacheBound.bytesPerEntry}B`;
  const line = knownServers[server].command(
    port,
    target.map((each) => each.replace(cacheBound.placeholder, cacheBytes)),
    folder,
  );
  const isSecure = server === 'uws-tls' || environment['KNOWN_TLS'] !== undefined;
  const url = `${isSecure ? 'wss' : 'ws'}://127.0.0.1:${port}/`;
  const variables = {
    ...process.env,
    KNOWN_CACHE_ENTRIES: String(entries),
    ...environment,
    ...(isSecure ? { KNOWN_TLS: `${join(folder, 'cert.pem')},${join(folder, 'key.pem')}` } : {}),
  };
  const out = join(folder, name);
  const warm =
    warmConnections === undefined ? undefined : await startWarm(line, url, warmConnections);
  const watched =
    warm?.pid === undefined ? [`--exec=exec ${line.join(' ')}`] : [`--pid=${warm.pid}`];
  const errors = await runProgram(
    [
      process.execPath,
      tidemarkProgram,
      'bench',
      '--quiet',
      ...watched,
      `--url=${url}`,
      `--out=${out}`,
      ...(isSecure ? ['--insecure'] : []),
      ...commonOptions[size],
      ...bench,
    ],
    variables,
  );
  if (warm !== undefined) await end(warm);
  try {
    return JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as RunSummary;
  } catch (error) {
    const lastLine = errors.trim().split('\n').at(-1) ?? '';
    return `the bench has written no summary: ${lastLine === '' ? messageOf(error) : lastLine}`;
  }
}

/** Starts a server, and has so many connections come and go. */
async function startWarm(
  line: readonly string[],
  url: string,
  connections: number,
): Promise<ChildProcess> {
  const [program = '', ...args] = line;
  const server = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  running.add(server);
  await waitUntilListening(url, startTimeoutMs);
  await runProgram(
    [
      process.execPath,
      tidemarkProgram,
      'loadgen',
      url,
      `--connections=${connections}`,
      '--rate=2000',
      '--hold=1s',
    ],
    process.env,
  );
  await new Promise((resolve) => setTimeout(resolve, coolDownMs));
  return server;
}

async function end(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  await ended;
  running.delete(server);
}

/** Runs a program to its end, and returns what it has written as errors. */
async function runProgram(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  // In a group of its own, so that Ctrl-C reaches it once, through this program: twice would be in a hurry.
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true, env });
  running.add(child);
  const ended = once(child, 'exit');
  const errors = await text(child.stderr);
  await ended;
  running.delete(child);
  return errors;
}
