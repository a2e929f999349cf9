import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { measure, type MeasureOptions } from '../../bench/api/measure.js';
import { packageFolder } from '../../program/package.js';
import { canTraceStacks } from '../../bench/targets/stack-tracing.js';
import { waitUntilListening } from '../../program/wait-until-listening.js';
import { type KnownServerName, knownServers } from '../ground-truth/known-servers.js';
import type { RunSummary } from '../../bench/results/summary.js';
import { createResultsFolder, freePort, startBench } from './bench-process.js';
import { isLeftOut } from './program.js';

const results = createResultsFolder();
after(results.remove);
const programs = join(results.path, 'programs');
mkdirSync(programs);

/** Four waves, each with a rise far above what a runtime learns. */
const waves = {
  connections: 300,
  rate: 1000,
  waves: 4,
  baseline: '600ms',
  hold: '600ms',
  rest: '900ms',
  interval: '200ms',
} as const;

const newFolder = (): string => mkdtempSync(join(results.path, 'run-'));

async function measureKnown(
  t: TestContext,
  server: KnownServerName,
  target: readonly string[],
  more: MeasureOptions = {},
): Promise<RunSummary | undefined> {
  const known = knownServers[server];
  if (isLeftOut(t, known.missing())) return undefined;
  const port = await freePort();
  const command = `exec ${known.command(port, target, programs).join(' ')}`;
  const url = `ws://127.0.0.1:${port}`;
  return (await measure({ ...waves, command, url, out: newFolder(), ...more })).summary;
}

/** Starts a server that the bench is to find by its process id. */
async function startShared(
  t: TestContext,
  target: readonly string[],
): Promise<{ pid: number; url: string }> {
  const port = await freePort();
  const [program = '', ...args] = knownServers.ws.command(port, target, programs);
  const server = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  t.after(() => server.kill('SIGKILL'));
  const url = `ws://127.0.0.1:${port}`;
  await waitUntilListening(url, 10_000);
  return { pid: server.pid ?? 0, url };
}

/** The number of the line of a known server that begins so. */
function lineOf(file: string, begin: string): number {
  const path = join(packageFolder, 'test/ground-truth/servers', file);
  const lines = readFileSync(path, 'utf8').split('\n');
  return 1 + lines.findIndex((line) => line.startsWith(begin));
}

/** What is held of a kind, at each floor. */
function held(summary: RunSummary, source: keyof NonNullable<RunSummary['baseline_live']>) {
  return summary.waves.map(({ floor_live: live }) => live?.[source]);
}

describe('a leak that is counted', () => {
  it('in Python is named by its type', async (t) => {
    const summary = await measureKnown(t, 'python', ['leak', '4096']);
    if (summary === undefined) return;
    assert.equal(summary.verdict, 'growing', summary.verdict_reason);
    assert.match(summary.verdict_reason, /1\.00 × __main__\.Session per connection/);
    assert.match(summary.verdict_reason, /more of Python objects per connection opened/);
    const traced = await measureKnown(t, 'python', ['leak', '4096'], { tracemalloc: true });
    const line = lineOf('python_known_server.py', '        self.buffer = bytes');
    assert.match(
      traced?.verdict_reason ?? '',
      new RegExp(`% of it allocated in \\S*python_known_server\\.py:${line}`),
    );
  });

  it('in malloc is named by the functions that call it, where stacks are traced', async (t) => {
    if (isLeftOut(t, canTraceStacks() ? undefined : 'heaptrack is missing')) return;
    const node = await measureKnown(t, 'ws', ['leak-malloc', '16384'], { stacks: true });
    assert.ok(node);
    assert.equal(node.verdict, 'growing', node.verdict_reason);
    assert.match(
      node.verdict_reason,
      /: 1\.00 × a block of 16,400 B per connection, .* allocated in node::crypto::KeyObjectHandle::Init node/,
    );
    const java = await measureKnown(t, 'java', ['leak-malloc', '65536'], { stacks: true });
    if (java === undefined) return;
    assert.match(java.verdict_reason, / allocated in Unsafe_AllocateMemory0 libjvm\.so/);
  });

  it('in Node is named by its class and by what keeps it, where heap snapshots are taken', async (t) => {
    const summary = await measureKnown(t, 'ws', ['leak-listener', '4096'], {
      snapshots: true,
      hold: '2s',
    });
    assert.equal(summary?.verdict, 'growing', summary?.verdict_reason);
    assert.match(
      summary.verdict_reason,
      /1\.00 × Receiver per connection, kept by _receiver < socket \(WebSocket\) < news \(Array\)/,
    );
  });

  it('is not looked for where nothing can be traced', async (t) => {
    if (isLeftOut(t, canTraceStacks() ? undefined : 'heaptrack is missing')) return;
    const port = await freePort();
    const line = knownServers.ws.command(port, ['none', '0'], programs).join(' ');
    // The shell that is traced becomes the server, which is not.
    const command = `sh -c "exec ${line}"`;
    const url = `ws://127.0.0.1:${port}`;
    const out = newFolder();
    await assert.rejects(
      measure({ ...waves, stacks: true, command, url, out }),
      /heaptrack does not trace what listens at ws:.* be started by/,
    );
    const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as RunSummary;
    assert.equal(summary.connections_opened, 0);
  });

  it('in a JVM is named by its class', async (t) => {
    const summary = await measureKnown(t, 'java', ['leak', '4096']);
    if (summary === undefined) return;
    assert.equal(summary.verdict, 'growing', summary.verdict_reason);
    assert.match(summary.verdict_reason, /: 1\.00 × KnownServer\$Session per connection/);
    assert.match(summary.verdict_reason, /in the heap of the runtime/i);
  });

  it('in Go is found through net/http/pprof, and goroutines are counted', async (t) => {
    const summary = await measureKnown(t, 'go', ['leak-goroutine', '4096']);
    if (summary === undefined) return;
    assert.equal(summary.verdict, 'growing', summary.verdict_reason);
    assert.match(summary.verdict_reason, /1\.00 × goroutine per connection/);
    assert.match(summary.verdict_reason, /allocated in main\.open\.func1 \S+\/main\.go:\d+/);
  });

  it('in Go is named by its line', async (t) => {
    const summary = await measureKnown(t, 'go', ['leak', '16384']);
    if (summary === undefined) return;
    assert.equal(summary.verdict, 'growing', summary.verdict_reason);
    const line = String(lineOf('go/main.go', '\tcase "leak":') + 1);
    assert.match(
      summary.verdict_reason,
      new RegExp(`allocated in main\\.open \\S+/main\\.go:${line} < main\\.main\\.func1`),
    );
  });

  // The sources are TypeScript, so that the line is that of a source map. What refers to native memory is small, so that it
  // takes more connections until the samples tell.
  for (const [behaviour, bytes] of [
    ['leak-js', '4096'],
    ['leak-buffer', '16384'],
    ['leak-malloc', '8000'],
  ] as const) {
    it(`in Node is named by its line: ${behaviour}`, async (t) => {
      const summary = await measureKnown(t, 'ws', [behaviour, bytes], { connections: 1500 });
      if (summary === undefined) return;
      assert.equal(summary.verdict, 'growing', summary.verdict_reason);
      const line = String(lineOf('ws-known-server.ts', `  '${behaviour}':`));
      assert.match(
        summary.verdict_reason,
        new RegExp(`allocated in [^;]*opened \\S+/ws-known-server\\.ts:${line}\\b`),
      );
    });
  }

  it('in Node has no line with --no-sites', async (t) => {
    const summary = await measureKnown(t, 'ws', ['leak-js', '4096'], { sites: false });
    if (summary === undefined) return;
    assert.equal(summary.verdict, 'growing', summary.verdict_reason);
    assert.doesNotMatch(summary.verdict_reason, /allocated in/);
    assert.equal(summary.connection_sites, undefined);
  });

  it('in malloc is named by the size of its blocks', async (t) => {
    const summary = await measureKnown(t, 'ws', ['leak-malloc', '8000']);
    if (summary === undefined) return;
    assert.equal(summary.verdict, 'growing', summary.verdict_reason);
    assert.match(summary.verdict_reason, /1\.00 × a block of 8,0\d\d B per connection/);
  });

  it('in malloc is named by the library, where its blocks are known', async (t) => {
    const summary = await measureKnown(t, 'ws', ['leak-deflate', '0'], { hold: '2s' });
    if (summary === undefined) return;
    assert.match(
      summary.verdict_reason,
      /1\.00 × a zlib deflate state of Node, window 15, memory level 8, per connection/,
    );
    const [largest] = summary.connection_parts ?? [];
    assert.match(largest?.state ?? '', /^zlib deflate state of Node/);
  });

  it('in Buffers is not called malloc’s', async (t) => {
    const summary = await measureKnown(t, 'ws', ['leak-buffer', '16384']);
    if (summary === undefined) return;
    assert.match(summary.verdict_reason, /^in ArrayBuffers and Buffers, which lie in malloc/);
    const growth = summary.growth_bytes_per_connection ?? 0;
    assert.ok(growth > 16_384 && growth < 1.1 * 16_384, String(growth));
  });
});

describe('a server that leaks nothing', () => {
  it('says what the allocator keeps, and gives it back with --trim', async (t) => {
    // What is held is counted late in a hold, and known only if that is done before the hold is over.
    const summary = await measureKnown(t, 'python', ['none', '0'], { trim: true, hold: '4s' });
    if (summary === undefined) return;
    assert.notEqual(summary.verdict, 'growing', summary.verdict_reason);
    assert.equal(summary.trim?.processes, 1);
    const live = summary.live_bytes_per_connection;
    assert.ok(live !== undefined && live > 1000, String(live));
  });
});

describe('a Node program that runs already', () => {
  it('is counted through its inspector with --attach, which is closed again', async (t) => {
    const { pid, url } = await startShared(t, ['leak-js', '4096']);
    const { summary } = await measure({ ...waves, pid, url, out: newFolder(), attach: true });
    assert.equal(summary.verdict, 'growing', summary.verdict_reason);
    assert.match(summary.verdict_reason, /^in the JS heap, the program holds/);
    await assert.rejects(fetch('http://127.0.0.1:9229/json/list'));
  });

  it('is left alone without it', async (t) => {
    const { pid, url } = await startShared(t, ['leak-js', '4096']);
    const { summary } = await measure({ ...waves, pid, url, out: newFolder() });
    assert.deepEqual(held(summary, 'js_heap'), [undefined, undefined, undefined, undefined]);
    assert.ok(held(summary, 'malloc').every((bytes) => bytes !== undefined));
    assert.notEqual(summary.verdict, 'growing', 'four floors of resident memory prove nothing');
  });
});

describe('--attach', () => {
  it('is refused for a server that the bench starts', async () => {
    const run = startBench(results.path, '--attach');
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 2);
    assert.match(end.stderr, /--attach is for a server that is watched by --pid/);
  });
});
