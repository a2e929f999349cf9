import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findJemalloc } from '../../bench/targets/allocator.js';
import { missingForNetty } from '../../bench/targets/peers/netty/compile-netty-server.js';
import {
  assertAllGone,
  createResultsFolder,
  freePort,
  quickRun,
  startBench,
} from './bench-process.js';
import {
  buildGorillaServer,
  missingForGorilla,
} from '../../bench/targets/peers/gorilla/compile-gorilla-server.js';
import { isLeftOut } from './program.js';

const results = createResultsFolder();
after(results.remove);

/** With echoes, over more than one sample. */
const echoing = [...quickRun, '--waves=1', '--message-rate=200', '--hold=1s'] as const;

const wsServer = fileURLToPath(new URL('../../bench/targets/peers/ws-server.js', import.meta.url));

describe('bundled targets', () => {
  for (const target of ['ws', 'netty'] as const) {
    for (const more of [
      ['--deflate'],
      ['--deflate', '--compression=off', '--greeting='],
      ['--no-greeting'],
    ]) {
      it(`${target} ${more.join(' ')} greets and echoes as asked`, async (t) => {
        if (target === 'netty' && isLeftOut(t, missingForNetty())) return;
        const run = startBench(results.path, ...echoing, `--target=${target}`, ...more);
        const end = await run.program.exit;
        assert.equal(end.exitStatus, 0, end.stderr);
        const summary = run.summary();
        assert.equal(summary.target, target);
        assert.equal(summary.greetings_received, more.includes('--no-greeting') ? 0 : 200);
        assert.ok(summary.messages_sent > 50);
        assert.equal(summary.echoes_received, summary.messages_sent);
        assert.equal(summary.errors_total, 0);
        await assertAllGone(run);
      });
    }
  }

  it('tell their heap: Node by the agent, the JVM by jcmd', async (t) => {
    const node = startBench(results.path, ...quickRun, '--waves=1', '--target=ws');
    assert.equal((await node.program.exit).exitStatus, 0);
    for (const row of node.samples().slice(1))
      assert.ok(Number(row['js_heap_resident_bytes']) > 1e6);
    assert.equal(node.summary().floors_after_gc, true);

    if (isLeftOut(t, missingForNetty())) return;
    const java = startBench(results.path, ...quickRun, '--waves=1', '--target=netty');
    assert.equal((await java.program.exit).exitStatus, 0);
    for (const row of java.samples()) {
      assert.ok(Number(row['managed_heap_bytes']) > 1e6);
      assert.equal(row['js_heap_resident_bytes'], '');
    }
    const [memory] = Object.values(java.summary().waves[0]?.jvm_native_memory ?? {});
    assert.ok((memory?.['total'] ?? 0) > 1e6);
  });

  it('start with another allocator', async (t) => {
    if (isLeftOut(t, findJemalloc() === undefined ? 'jemalloc is missing' : undefined)) return;
    const run = startBench(results.path, ...quickRun, '--waves=1', '--allocator=jemalloc');
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 0, end.stderr);
    assert.equal(run.summary().allocator, 'jemalloc');
    // jemalloc takes its memory from mappings of its own, so that the brk heap stays next to empty.
    const malloc = run.samples().map((row) => Number(row['native_malloc_bytes']));
    assert.ok(Math.max(...malloc) < 1e6, `${Math.max(...malloc)} bytes in the heap of glibc`);
  });
});

describe('targets of the user', () => {
  it('in Node tell their heap through the agent, unless that is turned off', async () => {
    for (const isOn of [true, false]) {
      const port = await freePort();
      const run = startBench(
        results.path,
        ...quickRun,
        '--waves=1',
        `--exec=exec ${process.execPath} ${wsServer} --port=${port}`,
        `--url=ws://127.0.0.1:${port}`,
        ...(isOn ? [] : ['--no-agent']),
      );
      const end = await run.program.exit;
      assert.equal(end.exitStatus, 0, end.stderr);
      const cells = run.samples().map((row) => row['js_heap_resident_bytes']);
      assert.equal(cells.at(-1) !== '', isOn);
      assert.equal(run.summary().floors_after_gc, isOn);
    }
  });

  it('in Go get attribution and a verdict', async (t) => {
    if (isLeftOut(t, missingForGorilla())) return;
    const program = buildGorillaServer(results.path);
    const port = await freePort();
    const run = startBench(
      results.path,
      ...quickRun,
      '--deflate',
      '--waves=4',
      `--exec=exec ${program} -address=127.0.0.1:${port}`,
      `--url=ws://127.0.0.1:${port}`,
    );
    const end = await run.program.exit;
    assert.equal(end.exitStatus, 0, end.stderr);
    const summary = run.summary();
    assert.equal(summary.greetings_received, 800);
    assert.ok(summary.judgements.some(({ owner }) => owner === 'managed_heap'));
    assert.notEqual(summary.verdict_reason, '');
    for (const row of run.samples()) {
      assert.ok(Number(row['managed_heap_bytes']) > 0);
      const left = Math.abs(Number(row['unattributed_bytes']));
      assert.ok(left < 0.05 * Number(row['rss_bytes']), `${left} bytes are nobody's`);
    }
  });

  it('that leak are called growing, and that is an assertion for CI', async () => {
    const port = await freePort();
    const known = join(import.meta.dirname, '..', 'ground-truth', 'known-target.js');
    const run = startBench(
      results.path,
      ...quickRun,
      '--waves=5',
      `--exec=exec ${process.execPath} ${known} --port=${port} --leak-native=20KiB`,
      `--url=ws://127.0.0.1:${port}`,
      '--assert=verdict!=growing',
      '--assert=connect_errors==0',
    );
    const end = await run.program.exit;
    assert.equal(run.summary().verdict, 'growing');
    assert.equal(end.exitStatus, 3, end.stderr);
    assert.match(end.stderr, /^fails +verdict != growing/m);
    assert.match(end.stderr, /^holds +connect_errors == 0/m);
  });
});

describe('tidemark bench refuses', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--target=apache'], /"apache" is none of uws, ws, netty/],
    [['--target=ws', '--compression=shared'], /--compression of the ws target is off or deflate/],
    [['--target=netty', '--workers=2'], /--workers is for the uws target/],
    [['--allocator=tcmalloc'], /"tcmalloc" is none of glibc, glibc-arena-max-2, jemalloc/],
    [['--assert=verdict'], /--assert: /],
  ];
  for (const [args, message] of cases) {
    it(args.join(' '), async () => {
      const run = startBench(results.path, ...args);
      const end = await run.program.exit;
      assert.equal(end.exitStatus, 2);
      assert.match(end.stderr, message);
    });
  }
});
