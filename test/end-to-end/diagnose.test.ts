import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Diagnosis } from '../../bench/diagnose/diagnosis.js';
import { createResultsFolder, freePort } from './bench-process.js';
import { runProgram, startProgram, until } from './program.js';

const results = createResultsFolder();
after(results.remove);

/** Echoes, and greets nobody. */
const wsServer = fileURLToPath(new URL('reported-server.js', import.meta.url));

const quickCells = [
  '--connections=150',
  '--rate=1000',
  '--baseline=200ms',
  // On a busy machine a sample takes longer than its interval.
  '--hold=1s',
  '--rest=300ms',
  '--interval=100ms',
] as const;

describe('tidemark diagnose', () => {
  it('names compression and the greeting for a server on ws', async () => {
    const folder = join(results.path, 'ws');
    const end = await runProgram(
      'diagnose',
      '--target=ws',
      '--json',
      `--out=${folder}`,
      ...quickCells,
      // They take more than the 3 MB that malloc gives back of the start, which 150 may not.
      '--connections=400',
    );
    assert.equal(end.exitStatus, 0, end.stderr);
    const diagnosis = JSON.parse(end.lines[0] ?? '') as Diagnosis;
    // What is said × compression, two other ends, and each allocator at both corners.
    assert.ok(diagnosis.cells.length >= 12);
    const left = diagnosis.cells.filter(({ state }) => state !== 'measured');
    assert.deepEqual(left, []);
    assert.equal(diagnosis.cause.kind, 'conditions');
    // `ws` makes its zlib contexts on the first message of a connection, empty or not.
    assert.match(diagnosis.conclusions[0] ?? '', /only when .*permessage-deflate is negotiated/);
    const written = JSON.parse(readFileSync(join(folder, 'diagnosis.json'), 'utf8')) as Diagnosis;
    assert.deepEqual(written, diagnosis);
    for (const { name } of diagnosis.cells)
      assert.ok(existsSync(join(folder, name, 'samples.csv')));
  });

  it('names compression for a server that says nothing of itself, and answers', async () => {
    const folder = join(results.path, 'reply');
    const port = await freePort();
    const end = await runProgram(
      'diagnose',
      `--exec=${process.execPath} ${wsServer} deflate-on-reply ${port}`,
      `--url=ws://127.0.0.1:${port}`,
      '--json',
      `--out=${folder}`,
      ...quickCells,
      '--hold=1500ms',
    );
    assert.equal(end.exitStatus, 0, end.stderr);
    const { conclusions, cause } = JSON.parse(end.lines[0] ?? '') as Diagnosis;
    assert.equal(cause.kind, 'conditions');
    assert.match(
      conclusions[0] ?? '',
      /^2\d\d KiB per connection, in malloc, only when messages are answered and permessage-deflate is negotiated/,
    );
  });

  it('keeps the other cells when one fails, and says so', async () => {
    const folder = join(results.path, 'failing');
    // The server dies as soon as a client offers compression.
    const server = join(results.path, 'picky.mjs');
    writeFileSync(
      server,
      `import { createRequire } from 'node:module';
const { WebSocketServer } = createRequire(${JSON.stringify(import.meta.url)})('ws');
const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1' });
server.on('headers', (_, request) => {
  if (request.headers['sec-websocket-extensions'] !== undefined) process.exit(7);
});
server.on('connection', (socket) => socket.send('hello'));
`,
    );
    const end = await runProgram(
      'diagnose',
      `--exec=exec ${process.execPath} ${server} 18431`,
      '--url=ws://127.0.0.1:18431',
      '--json',
      `--out=${folder}`,
      ...quickCells,
    );
    assert.equal(end.exitStatus, 1);
    assert.match(end.stderr, /cells failed, see above/);
    const { cells } = JSON.parse(end.lines[0] ?? '') as Diagnosis;
    assert.deepEqual(
      cells.map(({ levels, state }) => [levels.deflate, state] as const),
      cells.map(
        ({ levels }) => [levels.deflate, levels.deflate === 'on' ? 'failed' : 'measured'] as const,
      ),
    );
  });

  it('ends on Ctrl-C with the cells so far', async () => {
    const folder = join(results.path, 'interrupted');
    const program = startProgram(['diagnose', `--out=${folder}`, ...quickCells, '--hold=1m']);
    await until(() => existsSync(folder) && readdirSync(folder).length > 0);
    program.child.kill('SIGINT');
    const end = await program.exit;
    assert.equal(end.exitStatus, 1);
    assert.match(end.stderr, /the cells so far are in/);
  });

  it('refuses what is for the bench', async () => {
    for (const args of [
      ['--pid=1', '--url=ws://127.0.0.1:1'],
      ['--allocator=jemalloc'],
      ['--greeting='],
    ]) {
      const end = await runProgram('diagnose', ...args);
      assert.equal(end.exitStatus, 2, args.join(' '));
    }
  });
});

describe('tidemark compare', () => {
  it('puts two runs side by side', async () => {
    const folders = ['one', 'other'].map((name) => join(results.path, name));
    for (const folder of folders) {
      const end = await runProgram(
        'bench',
        '--quiet',
        `--out=${folder}`,
        ...quickCells,
        '--waves=2',
      );
      assert.equal(end.exitStatus, 0, end.stderr);
    }
    const end = await runProgram('compare', ...folders);
    assert.equal(end.exitStatus, 0, end.stderr);
    assert.match(end.stderr, /bytes per connection/);
    const missing = await runProgram('compare', folders[0] ?? '', join(results.path, 'nowhere'));
    assert.equal(missing.exitStatus, 1);
  });
});
