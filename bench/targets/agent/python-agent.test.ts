import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { AgentClients } from './agent-clients.js';

/** Makes objects, among them cycles that only a collection frees; forks; both then wait for their input to end. */
const program = `
import os, sys

class Session:
    def __init__(self, number):
        self.id = number
        self.buffer = bytearray(1000)

class Cycle:
    def __init__(self):
        self.self = self

class Moody:
    def __init__(self, fails):
        self.fails = fails
    def __sizeof__(self):
        if self.fails: raise ValueError
        return 100_000

moody = [Moody(True), Moody(False)]
kept = [Session(number) for number in range(5000)]
for _ in range(3000): Cycle()
child = os.fork()
os.write(1, b"%d\\n" % os.getpid())
sys.stdin.read()
if child: os.waitpid(child, 0)
`;

async function start(
  t: TestContext,
  environment: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; pids: number[] } | undefined> {
  const child = spawn('python3', ['-c', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const started = await Promise.race([
    once(child, 'spawn').then(() => true),
    once(child, 'error').then(() => false),
  ]);
  if (!started) {
    assert.notEqual(process.env['TIDEMARK_REQUIRE_ALL'], '1', 'Python is missing');
    t.skip('Python is missing: apt-get install python3');
    return undefined;
  }
  t.after(() => child.kill('SIGKILL'));
  const pids: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    pids.push(Number(line));
    if (pids.length === 2) break;
  }
  return { child, pids };
}

function newAgents(t: TestContext, tracesPython: boolean): AgentClients {
  const agents = new AgentClients({
    samplingBytes: undefined,
    tracesPython,
    takesSnapshots: false,
  });
  t.after(() => {
    agents.close();
  });
  return agents;
}

describe('the agent in Python programs', () => {
  it('counts what is alive after a collection, in each process, by type', async (t) => {
    const agents = newAgents(t, false);
    const started = await start(t, agents.environment);
    if (started === undefined) return;
    const answers = await agents.collectGarbage('py', started.pids);
    assert.deepEqual([...answers.keys()], started.pids);
    for (const { kinds, bytes } of answers.values()) {
      assert.equal(kinds['__main__.Session']?.[0], 5000);
      assert.equal(kinds['__main__.Cycle'], undefined);
      // Where one can't tell its size, the others of its type still do.
      const [moody, moodyBytes = 0] = kinds['__main__.Moody'] ?? [];
      assert.equal(moody, 2);
      assert.ok(moodyBytes > 100_000 && moodyBytes < 101_000, String(moodyBytes));
      const [buffers = 0, bufferBytes = 0] = kinds['bytearray'] ?? [];
      assert.ok(buffers >= 5000 && bufferBytes > 5_000_000);
      assert.ok(bytes > bufferBytes);
    }
    assert.deepEqual(new Set(await agents.trim(started.pids)), new Set(started.pids));
    started.child.stdin?.end();
    const [code] = (await once(started.child, 'exit')) as [number];
    assert.equal(code, 0);
  });

  it('counts nothing of its own: the same again, where stacks are traced too', async (t) => {
    const agents = newAgents(t, true);
    const started = await start(t, agents.environment);
    if (started === undefined) return;
    const kinds = async () =>
      [...(await agents.collectGarbage('py', started.pids)).values()].map((each) => each.kinds);
    const first = await kinds();
    assert.deepEqual(await kinds(), first);
    assert.deepEqual(await kinds(), first);
  });

  it('leaves the customization of the site that it hides in place', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-site-'));
    const agents = newAgents(t, false);
    t.after(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    writeFileSync(join(folder, 'sitecustomize.py'), 'import builtins\nbuiltins.customized = 7\n');
    const path = `${agents.environment['PYTHONPATH'] ?? ''}:${folder}`;
    const child = spawn('python3', ['-c', 'import sitecustomize; print(customized)'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...agents.environment, PYTHONPATH: path },
    });
    child.on('error', () => {
      t.skip('Python is missing: apt-get install python3');
    });
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
    await once(child, 'close');
    if (child.pid !== undefined) assert.equal(output.trim(), '7');
  });
});
