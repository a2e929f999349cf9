/** Packs and installs Tidemark with npm, and uses it from a folder that has nothing else. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { packageFolder } from '../../program/package.js';
import { knownServers } from '../ground-truth/known-servers.js';
import { type ActionEnd, runAction } from './action-steps.js';
import { freePort, quickRun } from './bench-process.js';
import { isLeftOut } from './program.js';
import { startServer } from './server-process.js';

const isClone = existsSync(join(packageFolder, 'build.js'));
const work = mkdtempSync(join(tmpdir(), 'tidemark-package-'));
const user = join(work, 'user');

function npm(folder: string, command: string, ...words: readonly string[]) {
  return spawnSync(command, words, { cwd: folder, encoding: 'utf8', timeout: 300_000 });
}

/** Runs the action in a new folder, on a server that behaves so; the package comes from a tarball. */
async function runActionOn(
  version: string,
  behaviour: string,
  bytes: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ActionEnd> {
  const port = await freePort();
  return runAction(mkdtempSync(join(work, 'workspace-')), {
    version,
    command: `exec ${knownServers.ws.command(port, [behaviour, bytes], work).join(' ')}`,
    url: `ws://127.0.0.1:${port}`,
    connections: '300',
    assert: 'verdict!=growing\n  connect_errors==0\n',
    args: '--rate=1000\n--waves=4\n--baseline=600ms\n--hold=600ms\n--rest=900ms\n\n--interval=200ms\n',
    ...more,
  });
}

describe('the npm package', { skip: isClone ? false : 'this is no clone' }, () => {
  let files: readonly string[] = [];
  let missing: string | undefined;
  let tarball = '';

  before(() => {
    const packed = npm(
      packageFolder,
      'npm',
      'pack',
      '--silent',
      '--json',
      '--pack-destination',
      work,
    );
    assert.equal(packed.status, 0, packed.stderr);
    const [made] = JSON.parse(packed.stdout) as readonly {
      readonly filename: string;
      readonly files: readonly { readonly path: string }[];
    }[];
    assert.ok(made !== undefined);
    files = made.files.map(({ path }) => path);
    mkdirSync(user);
    writeFileSync(join(user, 'package.json'), '{"name":"user","private":true}');
    tarball = join(work, made.filename);
    const installed = npm(user, 'npm', 'install', '--prefer-offline', '--no-audit', tarball);
    if (installed.status !== 0) missing = `npm can't install it: ${installed.stderr}`;
  });
  after(() => {
    rmSync(work, { recursive: true });
  });

  it('has what is needed and nothing else', () => {
    const surplus = files.filter(
      (path) =>
        !/^dist\/.*\.(js|d\.ts)$/.test(path) &&
        !/^docs\/[\w-]+\.md$/.test(path) &&
        !/^schema\/[\w-]+\.schema\.json$/.test(path) &&
        !['package.json', 'README.md', 'LICENSE'].includes(path) &&
        path !== 'bench/targets/agent/python/sitecustomize.py' &&
        path !== 'bench/targets/peers/netty/NettyServer.java',
    );
    assert.deepEqual(surplus, []);
    const forDevelopers = /\.(test|fixture)\.js$|^dist\/(docs|test)\//;
    assert.deepEqual(
      files.filter((path) => forDevelopers.test(path)),
      [],
    );
    for (const path of [
      'dist/tidemark.js',
      'dist/server/worker.js',
      'dist/bench/report/page/main.js',
      'dist/bench/api/measure.js',
      'schema/summary.schema.json',
      'docs/verdict.md',
    ]) {
      assert.ok(files.includes(path), path);
    }
  });

  it('runs bench from an empty folder, and leaves the results there', (t) => {
    if (isLeftOut(t, missing)) return;
    const ran = npm(
      user,
      'npx',
      'tidemark',
      'bench',
      '--quiet',
      ...quickRun,
      '--waves=1',
      '--hold=5s',
    );
    assert.equal(ran.status, 0, ran.stderr);
    const [run = ''] = readdirSync(join(user, 'results'));
    assert.deepEqual(readdirSync(join(user, 'results', run)).sort(), [
      'environment.json',
      'floor.heapprofile',
      'hold.heapprofile',
      'report.html',
      'samples.csv',
      'sites.csv',
      'sites.speedscope.json',
      'summary.json',
      'target.log',
      'workers.csv',
    ]);
  });

  it('shows its pages, and completes its topics', (t) => {
    if (isLeftOut(t, missing)) return;
    const page = npm(user, 'npx', 'tidemark', 'help', 'verdict');
    assert.equal(page.status, 0, page.stderr);
    assert.match(page.stdout, /^# Released, retained or growing/);
    const completion = npm(user, 'npx', 'tidemark', 'completion', 'bash');
    assert.match(completion.stdout, /'help 0'\) kind=word words='.* verdict /);
  });

  it('has the types of its entry, and of what they name', () => {
    const types = files.filter((path) => path.endsWith('.d.ts'));
    assert.ok(types.includes('dist/bench/api/measure.d.ts'));
    assert.ok(types.includes('dist/bench/results/summary.d.ts'));
    assert.ok(types.length < 40, `${types.length} files of types`);
  });

  it('can be imported by a test, with its types', async (t) => {
    if (isLeftOut(t, missing)) return;
    const port = await freePort();
    const command = `exec ${knownServers.ws.command(port, ['none', '0'], work).join(' ')}`;
    const options = { command, url: `ws://127.0.0.1:${port}` };
    const test = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measure } from 'tidemark';

test('a connection takes less than a megabyte', async () => {
  const run = await measure({
    ...${JSON.stringify(options)},
    connections: 100, rate: 1000, waves: 2,
    baseline: '200ms', hold: '300ms', rest: '300ms', interval: '100ms',
  });
  assert.ok(run.bytesPerConnection < 1_000_000 || Number.isNaN(run.bytesPerConnection));
  assert.equal(run.summary.connections_opened, 200);
});
`;
    writeFileSync(join(user, 'server.test.mjs'), test);
    const ran = npm(user, process.execPath, '--test', 'server.test.mjs');
    assert.equal(ran.status, 0, ran.stdout);

    writeFileSync(join(user, 'right.mts'), test);
    const wrong = test.replace('connections: 100', 'conections: 100').replace('_opened', '_open');
    writeFileSync(join(user, 'wrong.mts'), wrong);
    // What a user's project has anyway; without --skipLibCheck, so that our types have to stand alone.
    const types = join(packageFolder, 'node_modules', '@types');
    const compile = (file: string) =>
      npm(
        user,
        process.execPath,
        join(packageFolder, 'node_modules/typescript/bin/tsc'),
        ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext'],
        ...['--target', 'es2023', '--types', 'node', '--typeRoots', types, file],
      );
    const right = compile('right.mts');
    assert.equal(right.status, 0, right.stdout);
    const { stdout } = compile('wrong.mts');
    assert.match(stdout, /'conections' does not exist in type 'MeasureOptions'/);
    assert.match(stdout, /'connections_open' does not exist on type 'RunSummary'/);
  });

  it('is what the action runs: a leak fails the job, its summary says so, and the results are kept', async (t) => {
    if (isLeftOut(t, missing)) return;
    const leaking = await runActionOn(tarball, 'leak-js', '16384');
    assert.equal(leaking.isFailed, true, leaking.log);
    assert.match(leaking.summary, /^### Tidemark: growing\n/);
    assert.match(leaking.summary, /\| ❌ \| `verdict != growing: growing` \|/);
    assert.equal(leaking.outputs['verdict'], 'growing');
    assert.equal(leaking.outputs['folder'], 'tidemark-run');
    const [kept] = leaking.called;
    assert.match(kept?.uses ?? '', /^actions\/upload-artifact@[0-9a-f]{40}$/);
    assert.equal(kept?.with?.['path'], 'tidemark-run\ntidemark.xml\n');
  });

  it('lets a job pass whose server leaks nothing, held against an earlier run', async (t) => {
    if (isLeftOut(t, missing)) return;
    const earlier = join(user, 'results', readdirSync(join(user, 'results'))[0] ?? '');
    const clean = await runActionOn(tarball, 'none', '0', { against: earlier });
    assert.equal(clean.isFailed, false, clean.log);
    assert.match(clean.summary, /\| ✅ \| `connect_errors == 0: 0` \|/);
    assert.match(clean.summary, /\| this run \| difference from `/);
    assert.notEqual(clean.outputs['verdict'], 'growing');
    assert.match(clean.outputs['bytes_per_connection'] ?? '', /^[\d.]*$/);
    assert.equal(clean.called.length, 1);
  });

  it('runs loadgen', async (t) => {
    if (isLeftOut(t, missing)) return;
    const server = await startServer();
    const words = ['loadgen', server.url, '--connections=50', '--rate=max', '--hold=0s', '--json'];
    const ran = npm(user, 'npx', 'tidemark', ...words);
    assert.equal(ran.status, 0, ran.stderr);
    const { connections_opened_total: opened } = JSON.parse(ran.stdout) as {
      readonly connections_opened_total: number;
    };
    assert.equal(opened, 50);
  });
});
