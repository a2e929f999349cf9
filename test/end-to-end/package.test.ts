/** Packs and installs Tidemark with npm, and uses it from a folder that has nothing else. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { packageFolder } from '../../program/package.js';
import { quickRun } from './bench-process.js';
import { isLeftOut } from './program.js';
import { startServer } from './server-process.js';

const isClone = existsSync(join(packageFolder, 'build.js'));
const work = mkdtempSync(join(tmpdir(), 'tidemark-package-'));
const user = join(work, 'user');

function npm(folder: string, command: string, ...words: readonly string[]) {
  return spawnSync(command, words, { cwd: folder, encoding: 'utf8', timeout: 300_000 });
}

describe('the npm package', { skip: isClone ? false : 'this is no clone' }, () => {
  let files: readonly string[] = [];
  let missing: string | undefined;

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
    const tarball = join(work, made.filename);
    const installed = npm(user, 'npm', 'install', '--prefer-offline', '--no-audit', tarball);
    if (installed.status !== 0) missing = `npm can't install it: ${installed.stderr}`;
  });
  after(() => {
    rmSync(work, { recursive: true });
  });

  it('has what is needed and nothing else', () => {
    const surplus = files.filter(
      (path) =>
        !/^dist\/.*\.js$/.test(path) &&
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
      'schema/summary.schema.json',
    ]) {
      assert.ok(files.includes(path), path);
    }
  });

  it('runs bench from an empty folder, and leaves the results there', (t) => {
    if (isLeftOut(t, missing)) return;
    const ran = npm(user, 'npx', 'tidemark', 'bench', '--quiet', ...quickRun, '--waves=1');
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
