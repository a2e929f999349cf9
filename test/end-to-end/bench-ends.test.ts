/** Whatever ends a run: its rows are kept, its children are gone, and its exit status is right. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { messageOf } from '../../program/failure.js';
import {
  assertAllGone,
  type BenchRun,
  createResultsFolder,
  endlessHold,
  freePort,
  latestPids,
  quickRun,
  startBench,
  untilPhase,
} from './bench-process.js';
import { knownServers } from '../ground-truth/known-servers.js';
import { assertOneLine, isMissing, programPath, runProgram, until } from './program.js';
import { startServer } from './server-process.js';

const results = createResultsFolder();
after(results.remove);

/** Starts a run that holds its connections, and waits until it does. */
async function startHolding(...args: readonly string[]): Promise<BenchRun> {
  const run = startBench(results.path, ...endlessHold, ...args);
  await untilPhase(run, 1, 'hold');
  return run;
}

/** Fails unless the run has ended with this status, with its rows, its summary and one line that says why. */
async function assertEnded(run: BenchRun, exitStatus: number, why: RegExp): Promise<void> {
  const end = await run.program.exit;
  assert.equal(end.exitStatus, exitStatus, end.stderr);
  const complaints = end.stderr.split('\n').filter((line) => line.startsWith('tidemark: '));
  assert.match(complaints.at(-1) ?? '', why);
  assert.ok(
    run.samples().some((row) => row['phase'] === 'hold'),
    'rows are kept',
  );
  assert.ok(run.workers().length > 0);
  assert.equal(run.summary().samples, run.samples().length);
  await assertAllGone(run);
}

describe('a run of tidemark bench', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends in order on ${signal}`, async () => {
      const run = await startHolding();
      run.program.child.kill(signal);
      await assertEnded(
        run,
        1,
        new RegExp(`Interrupted by ${signal} in wave 1, hold; \\d+ samples are kept`),
      );
      assert.equal(run.summary().outcome, 'interrupted');
      // What was open was closed, and counted, before the end.
      assert.equal(run.summary().connections_opened, 200);
      assert.equal(run.summary().connections_closed, 200);
      assert.equal(run.summary().connections_lost, 0);
    });
  }

  it('ends at once on a second signal', async () => {
    const run = await startHolding();
    run.program.child.kill('SIGINT');
    run.program.child.kill('SIGINT');
    assert.equal((await run.program.exit).exitStatus, 1);
    assert.ok(run.samples().length > 0);
    await assertAllGone(run);
  });

  it('takes everything with it when it is killed', async () => {
    const run = await startHolding();
    run.program.child.kill('SIGKILL');
    await run.program.exit;
    assert.ok(run.samples().some((row) => row['phase'] === 'hold'));
    await assertAllGone(run);
  });

  it('takes a server of somebody else with it when it is killed, and leaves no folder', async (t) => {
    const port = await freePort();
    const server = knownServers.ws.command(port, ['none', '0'], results.path);
    const run = await startHolding(
      // It has to be killed: what is ignored stays so in the programs that a shell starts.
      `--exec=trap '' TERM; ${server.join(' ')}; true`,
      `--url=ws://127.0.0.1:${port}`,
    );
    const pids = latestPids(run, 'target');
    t.after(() => {
      for (const pid of pids) spawnSync('kill', ['-9', String(pid)]);
    });
    const environment = readFileSync(`/proc/${pids.at(-1) ?? 0}/environ`, 'utf8');
    const folder = /^TIDEMARK_AGENT_FOLDER=(.*)$/m.exec(environment.replaceAll('\0', '\n'))?.[1];
    assert.ok(folder !== undefined && existsSync(folder));
    run.program.child.kill('SIGKILL');
    await run.program.exit;
    await assertAllGone(run);
    await until(() => !existsSync(folder));
  });

  it('fails when the server is killed', async () => {
    const run = await startHolding();
    const [supervisor] = latestPids(run, 'target');
    assert.ok(supervisor !== undefined);
    process.kill(supervisor, 'SIGKILL');
    await assertEnded(
      run,
      1,
      /The target died in wave 1, hold with 200 connections open: the server \(pid \d+\) was killed by SIGKILL;/,
    );
  });

  it('fails when a worker of the server is killed, though it is replaced', async () => {
    const run = await startHolding('--hold=3s', '--waves=1', '--workers=2');
    const [, worker] = latestPids(run, 'target');
    assert.ok(worker !== undefined);
    process.kill(worker, 'SIGKILL');
    await assertEnded(
      run,
      1,
      new RegExp(
        `1 of the target's workers died during the run \\(At [\\d.]+ s \\(wave 1, hold\\): process ${worker} of the target was killed by SIGKILL\\)`,
      ),
    );
    const summary = run.summary();
    assert.equal(summary.target_workers_restarted, 1);
    assert.ok(summary.connections_lost > 0 && summary.connections_lost < 200);
    assert.equal(summary.errors.lost, summary.connections_lost);
    assert.equal(summary.connections_closed, 200);
  });

  it('tells the cause when all workers of the server are killed', async () => {
    const run = await startHolding('--waves=2', '--workers=2');
    for (const worker of latestPids(run, 'target').slice(1)) process.kill(worker, 'SIGKILL');
    const { stderr } = await run.program.exit;
    assert.match(
      stderr,
      /tidemark: At [\d.]+ s \(wave 1, \w+\): process \d+ of the target was killed/,
    );
    assert.equal(run.summary().target_workers_restarted, 2);
    const ends = run.summary().events.filter(({ kind }) => kind === 'process_ended');
    assert.equal(ends.length, 2);
    for (const { text } of ends) assert.match(text, /was killed by SIGKILL$/);
    await assertAllGone(run);
  });

  it('fails when the load generator is killed', async () => {
    const run = await startHolding();
    const [coordinator] = latestPids(run, 'loadgen');
    assert.ok(coordinator !== undefined);
    process.kill(coordinator, 'SIGKILL');
    await assertEnded(run, 1, /The load generator \(pid \d+\) was killed by SIGKILL in wave 1/);
    const summary = run.summary();
    assert.equal(summary.connections_asked, 200);
    assert.equal(summary.connections_opened, 200);
    assert.equal(summary.connections_closed, 200);
    assert.equal(summary.connections_lost, 200);
    assert.match(summary.counts_note ?? '', /^the counts of wave 1 are the last that/);
  });

  it('fails when a process of the load generator is killed, after the others have finished', async () => {
    const run = await startHolding('--hold=2s', '--waves=1', '--processes=2');
    const [, generator] = latestPids(run, 'loadgen');
    assert.ok(generator !== undefined);
    process.kill(generator, 'SIGKILL');
    await assertEnded(run, 1, /Wave 1 was not completed: 1 of 2 generator processes died/);
    const summary = run.summary();
    assert.equal(summary.connections_opened, 200);
    assert.equal(summary.connections_closed, 200);
    assert.equal(summary.connections_lost, 100);
  });

  it('keeps whole rows on a full disk', async (t) => {
    const disk = mountSmallDisk(t);
    if (disk === undefined) return;
    const run = startBench(disk, ...endlessHold);
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 1);
    // What failed first is said last, with what is left: a summary that does not fit either is no reason.
    const rows = run.samples().length;
    assert.match(
      end.stderr,
      new RegExp(`tidemark: Cannot write \\S+csv: ENOSPC.*; ${rows} samples are kept in \\S+\n$`),
    );
    assert.ok(rows > 0);
    assert.ok(run.workers().length > 0);
    assert.deepEqual(
      readdirSync(run.folder).filter((name) => name.endsWith('.unfinished')),
      [],
    );
    await assertAllGone(run);
    // Where there is room, the report is drawn from what is left.
    const copy = join(results.path, 'from-a-full-disk');
    cpSync(run.folder, copy, { recursive: true });
    const drawn = await runProgram('report', copy);
    assert.equal(drawn.exitStatus, 0, drawn.stderr);
    assert.ok(existsSync(join(copy, 'report.html')));
  });
});

describe('tidemark bench with bad input', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown flag', ['--conections=5'], /unknown option '--conections=5'.*--connections/],
    [
      'a negative count',
      ['--connections=-5'],
      /--connections: "-5" is not a whole number of 1 or more/,
    ],
    ['no rate', ['--rate=0'], /--rate: "0" is not a number greater than 0/],
    [
      'two targets',
      ['--target=uws', '--pid=1', '--url=ws://127.0.0.1:1'],
      /--target and --pid exclude each other/,
    ],
    ['a command without a URL', ['--exec=true'], /--exec and --pid need --url/],
    [
      'a URL that is none',
      ['--pid=1', '--url=http://127.0.0.1'],
      /--url .* is not a URL such as ws:/,
    ],
    ['several mistakes', ['--rate=fast', '--waves=0'], /--rate: .*--waves: /],
    [
      'a foreign server to be filled worker by worker',
      ['--exec=true', '--url=ws://127.0.0.1:1', '--spread=in-turn'],
      /--spread in-turn is for the uws target/,
    ],
    ['a rest too short to have samples', ['--rest=100ms'], /--rest 100ms is too short/],
  ];
  for (const [name, args, complaint] of cases) {
    it(`refuses ${name} in one line, with status 2`, async () => {
      const end = await runProgram('bench', ...args);
      assert.equal(end.exitStatus, 2);
      assertOneLine(end.stderr, complaint);
    });
  }

  it('refuses a process that is not there', async () => {
    const run = startBench(results.path, '--pid=2147483647', '--url=ws://127.0.0.1:1');
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 2);
    assertOneLine(end.stderr, /There is no process 2147483647/);
    assert.equal(existsSync(run.folder), false);
  });

  it('refuses a process that does not listen, and says who does', async () => {
    const server = await startServer();
    const idle = spawn('sleep', ['60']);
    try {
      const run = startBench(results.path, `--pid=${idle.pid ?? 0}`, `--url=${server.url}`);
      const end = await run.program.exit;
      assert.equal(end.exitStatus, 2);
      const [worker = 0] = server.document.worker_pids;
      const who = `process ${worker} \\(\\S+\\) listens at ${server.url}, not process ${idle.pid ?? 0} \\(sleep\\)`;
      assertOneLine(
        end.stderr,
        new RegExp(`^tidemark: ${who}: give --pid ${worker}, or --pid auto`),
      );
      assert.equal(existsSync(run.folder), false);
    } finally {
      idle.kill('SIGKILL');
    }
  });

  it('measures a server behind another one, and says that it does', async () => {
    const [front, back] = [await startServer(), await startServer()];
    const flags = [`--pid=${back.document.supervisor_pid}`, `--url=${front.url}`];
    const run = startBench(results.path, ...quickRun, '--waves=1', ...flags);
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 0, end.stderr);
    assert.match(end.stderr, /^Note: process \d+ \(\S+\) listens at .*, not process \d+ /m);
  });

  it('refuses a process whose memory it may not read, and says what lifts that', async (t) => {
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups'] as const;
    if (isMissing(t, 'another user', 'setpriv', ...asNobody, process.execPath, '--version')) return;
    const server = await startServer();
    const words = ['bench', `--pid=${server.document.supervisor_pid}`, `--url=${server.url}`];
    const { status, stderr } = spawnSync(
      'setpriv',
      [...asNobody, process.execPath, programPath, ...words, `--out=${results.path}/unreadable`],
      { encoding: 'utf8' },
    );
    assert.equal(status, 1);
    assertOneLine(
      stderr,
      /Cannot read the memory of process \d+ \(\S+\), of user 0, as user 65534: EACCES.*; run tidemark as that user or as root, or with the capability CAP_SYS_PTRACE$/m,
    );
    assert.equal(existsSync(join(results.path, 'unreadable')), false);
  });

  it('refuses an address where nobody listens', async () => {
    const run = startBench(results.path, `--pid=${process.pid}`, '--url=ws://127.0.0.1:1');
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 1);
    assert.match(end.stderr, /tidemark: Nothing listens at ws:\/\/127.0.0.1:1 .*ECONNREFUSED/);
  });

  it('says why a command could not become the target', async () => {
    const run = startBench(
      results.path,
      '--exec=echo no licence >&2; exit 3',
      '--url=ws://127.0.0.1:1',
    );
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 1);
    assert.match(
      end.stderr,
      / in \/\S+ ended with status 3: no licence; it did not listen at ws:\S+ before/,
    );
  });

  it('refuses an output folder that is not a folder, or has files in it', async () => {
    const folder = mkdtempSync(join(results.path, 'taken-'));
    writeFileSync(join(folder, 'precious'), '');
    const taken = await runProgram('bench', `--out=${folder}`);
    assert.equal(taken.exitStatus, 1);
    assertOneLine(taken.stderr, /The output folder .* is not empty: choose another with --out/);
    const file = await runProgram('bench', `--out=${join(folder, 'precious')}`);
    assert.equal(file.exitStatus, 1);
    assertOneLine(
      file.stderr,
      /Cannot use .* as the output folder: (EEXIST|ENOTDIR).*choose another with --out/,
    );
  });

  it('refuses an output folder that can not be written', async () => {
    // Even root can't make a folder there.
    const end = await runProgram('bench', '--out=/proc/tidemark/run');
    assert.equal(end.exitStatus, 1);
    assertOneLine(end.stderr, /Cannot use \/proc\/tidemark\/run as the output folder: ENOENT/);
  });
});

/** Mounts a disk of 64 KiB, which is full after some rows; needs root, and is left out without. */
function mountSmallDisk(t: TestContext): string | undefined {
  const folder = mkdtempSync(join(results.path, 'disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    const reason = `a small disk can be mounted by root only: ${messageOf(error)}`;
    if (process.env['TIDEMARK_REQUIRE_ALL'] === '1') assert.fail(reason);
    t.skip(reason);
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['-l', folder]);
  });
  return folder;
}
