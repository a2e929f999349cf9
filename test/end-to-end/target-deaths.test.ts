/** Lets targets of several languages die in many ways, and reads what the bench says of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { packageFolder } from '../../program/package.js';
import { findFreePort } from '../../server/free-port.js';
import { createResultsFolder, quickRun, startBench } from './bench-process.js';
import { createMemoryGroup } from './memory-group.js';
import { isMissing } from './program.js';

interface Death {
  readonly name: string;
  /** Program to be asked for its version, if it may not be installed. */
  readonly needs?: readonly [string, ...string[]];
  /** Name and text of its source. */
  readonly file?: readonly [string, string];
  readonly command: string;
  /** What is said after the command and its folder. */
  readonly says: string | RegExp;
}

/** A server that keeps for each connection what `keep` says. */
const keeping = (keep: string): string => `
const { WebSocketServer } = require(${JSON.stringify(join(packageFolder, 'node_modules', 'ws'))});
const kept = [];
new WebSocketServer({ port: Number(process.env.PORT), host: '127.0.0.1' })
  .on('connection', () => kept.push(${keep}));
`;

/** They die before they listen. TAKEN stands for a port that is taken. */
const early: readonly Death[] = [
  {
    name: 'Node, no such file',
    command: 'node missing.js',
    says: /ended with status 1: Error( \[ERR_MODULE_NOT_FOUND\])?: Cannot find module '.*\/missing\.js'/,
  },
  {
    name: 'Node, no such module',
    file: ['a.js', "require('no-such-package');"],
    command: 'node a.js',
    says: "ended with status 1: Error: Cannot find module 'no-such-package'",
  },
  {
    name: 'Node, a port that is taken',
    file: ['a.js', "require('net').createServer().listen(TAKEN, '127.0.0.1');"],
    command: 'node a.js',
    says: 'ended with status 1: Error: listen EADDRINUSE: address already in use 127.0.0.1:TAKEN',
  },
  {
    name: 'Node, an exception',
    file: ['a.js', "console.log('starting'); null.port;"],
    command: 'node a.js',
    says: "ended with status 1: TypeError: Cannot read properties of null (reading 'port')",
  },
  {
    name: 'Node, a rejection that nobody handles',
    file: ['a.mjs', "void Promise.reject(new RangeError('no such region'));"],
    command: 'node a.mjs',
    says: 'ended with status 1: RangeError: no such region',
  },
  {
    name: 'Node, no Error at all',
    file: ['a.js', "throw 'no licence';"],
    command: 'node a.js',
    says: 'ended with status 1: no licence',
  },
  {
    name: 'Node, a syntax error',
    file: ['a.js', 'const = 1;'],
    command: 'node a.js',
    says: "ended with status 1: SyntaxError: Unexpected token '='",
  },
  {
    name: 'Python, no such module',
    needs: ['python3', '--version'],
    file: ['a.py', 'import no_such_module'],
    command: 'python3 a.py',
    says: "ended with status 1: ModuleNotFoundError: No module named 'no_such_module'",
  },
  {
    name: 'Python, a port that is taken',
    needs: ['python3', '--version'],
    file: ['a.py', "import socket\nsocket.socket().bind(('127.0.0.1', TAKEN))"],
    command: 'python3 a.py',
    says: 'ended with status 1: OSError: [Errno 98] Address already in use',
  },
  {
    name: 'Go, a panic',
    needs: ['go', 'version'],
    file: ['a.go', 'package main\nfunc main() { a := []int{1}; i := 5; println(a[i]) }'],
    command: 'go run a.go',
    says: 'ended with status 1: panic: runtime error: index out of range [5] with length 1',
  },
  {
    name: 'Java, an exception',
    needs: ['java', '-version'],
    file: [
      'A.java',
      'class A { public static void main(String[] a) { throw new IllegalStateException("no key"); } }',
    ],
    command: 'java A.java',
    says: 'ended with status 1: Exception in thread "main" java.lang.IllegalStateException: no key',
  },
  {
    name: 'Java, no such class',
    needs: ['java', '-version'],
    command: 'java Missing',
    says: 'ended with status 1: Error: Could not find or load main class Missing',
  },
  {
    name: 'Java, a full heap',
    needs: ['java', '-version'],
    file: [
      'A.java',
      'class A { public static void main(String[] a) { var l = new java.util.ArrayList<long[]>(); while (true) l.add(new long[100000]); } }',
    ],
    command: 'java -Xmx64m A.java',
    says: 'ended with status 1: Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
  },
  {
    name: 'a shell, no such command',
    command: 'no-such-server --port 1',
    says: /ended with status 127: .*no-such-server: not found/,
  },
  {
    name: 'a shell, a line of its own',
    command: "echo 'DATABASE_URL is not set' >&2; exit 3",
    says: 'ended with status 3: DATABASE_URL is not set',
  },
  { name: 'a signal', command: 'kill -KILL $$', says: 'was killed by SIGKILL' },
  {
    name: 'a signal, seen by a shell',
    command: 'sh -c "kill -ABRT \\$\\$"; exit $?',
    says: 'ended with status 134 (SIGABRT): Aborted',
  },
];

const results = createResultsFolder();
after(results.remove);

let takenPort: number;
const blocker = createServer();
before(async () => {
  takenPort = await findFreePort('127.0.0.1', 0);
  await new Promise<void>((resolve) => blocker.listen(takenPort, '127.0.0.1', resolve));
});
after(() => {
  blocker.close();
});

const isAbsent = (t: TestContext, { needs }: Death): boolean =>
  needs !== undefined && isMissing(t, needs[0], ...needs);

function prepareFolder({ file }: Death): string {
  const folder = mkdtempSync(join(results.path, 'target-'));
  if (file !== undefined) {
    const [name, text] = file;
    writeFileSync(join(folder, name), text.replaceAll('TAKEN', String(takenPort)));
  }
  return folder;
}

function assertSays(text: string, says: string | RegExp): void {
  if (says instanceof RegExp) assert.match(text, says);
  else assert.ok(text.includes(says.replaceAll('TAKEN', String(takenPort))), text);
}

describe('a target that dies before it listens', () => {
  for (const death of early) {
    it(`is explained: ${death.name}`, async (t) => {
      if (isAbsent(t, death)) return;
      const folder = prepareFolder(death);
      const url = `ws://127.0.0.1:${await findFreePort('127.0.0.1', 0)}`;
      const bench = startBench(
        results.path,
        `--exec=${death.command}`,
        `--cwd=${folder}`,
        `--url=${url}`,
      );
      const { exitStatus, stderr } = await bench.program.exit;
      assert.equal(exitStatus, 1);
      const { reason = '' } = bench.summary();
      assert.ok(reason.startsWith(`${JSON.stringify(death.command)} in ${folder} `), reason);
      assert.ok(reason.endsWith(`; it did not listen at ${url} before`), reason);
      assertSays(reason, death.says);
      assertSays(stderr, death.says);
    });
  }
});

describe('a target that dies under load', () => {
  async function runUntilDeath(source: string, command: string) {
    const folder = prepareFolder({ name: '', file: ['server.js', source], command, says: '' });
    const port = await findFreePort('127.0.0.1', 0);
    const bench = startBench(
      results.path,
      ...quickRun,
      '--connections=2000',
      '--rate=500',
      `--exec=PORT=${port} ${command}`,
      `--cwd=${folder}`,
      `--url=ws://127.0.0.1:${port}`,
    );
    const { exitStatus } = await bench.program.exit;
    assert.equal(exitStatus, 1);
    return { reason: bench.summary().reason ?? '', log: join(bench.folder, 'target.log') };
  }

  it('is explained: V8 has reached the limit of its heap, with what it held', async () => {
    const { reason, log } = await runUntilDeath(
      keeping('Array.from({ length: 4000 }, (_, i) => ({ i }))'),
      'node --max-old-space-size=64 server.js',
    );
    assert.match(
      reason,
      /^The target died in wave 1, ramp with [1-9]\d* connections open: .* \(?SIGABRT\)?: FATAL ERROR: .* JavaScript heap out of memory \(its JS heap had [\d.]+ MB; --max-old-space-size raises the limit\)$/,
    );
    assert.match(readFileSync(log, 'utf8'), /<--- Last few GCs --->/);
  });

  it('is explained: the kernel has killed it in its control group, with the limit', async (t) => {
    const group = createMemoryGroup(t, 80 * 1024 ** 2);
    if (group === undefined) return;
    const { reason } = await runUntilDeath(
      keeping('Buffer.alloc(200_000, 1)'),
      `sh -c 'echo $$ > ${group.members}; exec node server.js'`,
    );
    assert.match(
      reason,
      /^The target was killed by the kernel .*: its limit is 80\.0 MiB; at the last sample it held \d+ connections, RSS /,
    );
  });

  it('is explained: the same before it listens', async (t) => {
    const group = createMemoryGroup(t, 80 * 1024 ** 2);
    if (group === undefined) return;
    const hog = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(1e6, 1)), 2);';
    const { reason } = await runUntilDeath(
      hog,
      `sh -c 'echo $$ > ${group.members}; exec node server.js'`,
    );
    assert.match(reason, /^The target was killed by the kernel .*: its limit is 80\.0 MiB; /);
  });
});
