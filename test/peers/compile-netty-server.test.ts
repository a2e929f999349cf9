import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { isLeftOut } from '../end-to-end/program.js';
import { RunError } from '../../program/failure.js';
import {
  compileNettyServer,
  missingForNetty,
} from '../../bench/targets/peers/netty/compile-netty-server.js';

const before = { path: process.env['PATH'], home: process.env['JAVA_HOME'] };
const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'));
process.env['TMPDIR'] = folder;

after(() => {
  rmSync(folder, { recursive: true });
});

afterEach(() => {
  process.env['PATH'] = before.path;
  if (before.home === undefined) delete process.env['JAVA_HOME'];
  else process.env['JAVA_HOME'] = before.home;
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});

describe('missingForNetty()', () => {
  it('says what to install where there is no Java', async () => {
    process.env['PATH'] = folder;
    delete process.env['JAVA_HOME'];
    const reason =
      'there is no Java compiler: get it with apt-get install default-jdk-headless libnetty-java';
    assert.equal(missingForNetty(), reason);
    await assert.rejects(
      compileNettyServer(),
      new RunError(`Cannot start the netty target: ${reason}`),
    );
  });
});

describe('compileNettyServer()', () => {
  it('compiles once, also when asked twice at once', async (t) => {
    if (isLeftOut(t, missingForNetty())) return;
    const [first, second] = await Promise.all([compileNettyServer(), compileNettyServer()]);
    assert.deepEqual(first, second);
    assert.deepEqual(await compileNettyServer(), first);
    const [name, ...others] = readdirSync(folder);
    assert.deepEqual(others, []);
    assert.ok(existsSync(join(folder, name ?? '', 'NettyServer.class')));
    assert.deepEqual(first.args.slice(0, 2), ['-Xmx256m', '-XX:NativeMemoryTracking=summary']);
  });

  it('refuses classes that others may have written', async (t) => {
    if (isLeftOut(t, missingForNetty())) return;
    await compileNettyServer();
    const compiled = join(folder, readdirSync(folder)[0] ?? '');
    const refusal = (error: unknown): boolean =>
      error instanceof RunError && error.message.startsWith(`Cannot use ${compiled} for the netty`);
    chmodSync(compiled, 0o777);
    await assert.rejects(compileNettyServer(), refusal);
    rmSync(compiled, { recursive: true });
    symlinkSync(folder, compiled);
    await assert.rejects(compileNettyServer(), refusal);
  });
});
