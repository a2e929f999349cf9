/**
 * Installs the package that users get with each supported Node, from the registry, and runs it: on this machine, and with
 * the C library of Debian 13, as in the container. `npm run matrix` prints the table; `npm run matrix -- --write` puts it
 * into docs/platforms.md too. Needs the npm registry, and for Debian 13 root and debootstrap.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunSummary } from '../../bench/results/summary.js';
import { insertTables } from '../../docs/page-tables.js';
import { markdownTable } from '../../program/markdown.js';
import { packageFolder } from '../../program/package.js';
import { formatBytes } from '../../program/quantities.js';
import { readGlibcVersion } from '../../server/native-binding.js';

/** Supported versions of Node, and what of Tidemark is expected to run there without further ado. */
const versions = [
  { major: 20, hasOwnServer: true },
  { major: 22, hasOwnServer: true },
  { major: 24, hasOwnServer: true },
  { major: 26, hasOwnServer: false },
] as const;

/** Where a package runs: here, or with another root folder. */
interface Place {
  readonly name: string;
  readonly root: string | undefined;
}

interface Cell {
  readonly node: string;
  readonly place: string;
  readonly target: string;
  readonly exitStatus: number | null;
  readonly outcome: string;
  readonly isRight: boolean;
}

const bench = 'bench --connections 2000 --waves 1 --baseline 1s --hold 2s --rest 2s --quiet --json';
const longestRefusalLines = 6;
const timeoutMs = 120_000;

const work = mkdtempSync(join(tmpdir(), 'tidemark-matrix-'));
try {
  const cells = runMatrix();
  const table = `${markdownTable(
    ['Node', 'C library', 'target', 'exit', 'outcome'],
    cells.map((cell) => [
      cell.node,
      cell.place,
      cell.target,
      String(cell.exitStatus),
      cell.isRight ? cell.outcome : `**wrong:** ${cell.outcome}`,
    ]),
  )}\n`;
  process.stdout.write(`${table}\n`);
  if (process.argv.includes('--write')) writeTable(table);
  if (cells.some(({ isRight }) => !isRight)) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function runMatrix(): Cell[] {
  installPackage();
  const places = [{ name: `glibc ${readGlibcVersion() ?? '–'}`, root: undefined }, ...debian13()];
  return versions.flatMap(({ major, hasOwnServer }) => {
    const folder = `node-${major}`;
    npm('install', '--prefix', join(work, folder), `node-linux-${arch()}@${major}`);
    const program = `${folder}/node_modules/node-linux-${arch()}/bin/node`;
    const version = run(undefined, program, '--version').stdout.trim();
    return places.flatMap((place) => {
      process.stderr.write(`${version}, ${place.name}\n`);
      return hasOwnServer
        ? [runBench(place, program, version, 'uws')]
        : [refuseOwnServer(place, program, version), runBench(place, program, version, 'ws')];
    });
  });
}

/** Makes the package, and installs it as a user would. */
function installPackage(): void {
  npm('pack', '--pack-destination', work, packageFolder);
  mkdirSync(join(work, 'app'));
  writeFileSync(join(work, 'app', 'package.json'), '{"private":true}');
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  npm('install', '--prefix', join(work, 'app'), join(work, `tidemark-${version}.tgz`));
}

/** Sets Debian 13 up in a folder; nothing where that can't be, which fails where nothing may be left out. */
function debian13(): Place[] {
  const root = join(work, 'debian-13');
  const words = ['--variant=minbase', '--include=libatomic1', 'trixie', root];
  const { status, stderr, error } = spawnSync('debootstrap', words, { encoding: 'utf8' });
  if (status === 0) return [{ name: 'glibc 2.41 (Debian 13)', root }];
  const reason = `Debian 13 is left out: ${error?.message ?? stderr.trim()}`;
  if (process.env['TIDEMARK_REQUIRE_ALL'] === '1') throw new Error(reason);
  process.stderr.write(`${reason}\n`);
  return [];
}

function runBench(place: Place, program: string, node: string, target: 'uws' | 'ws'): Cell {
  const { status, stdout, stderr } = run(place.root, program, ...tidemark(`--target ${target}`));
  const cell = { node, place: place.name, target, exitStatus: status };
  if (status !== 0) return { ...cell, outcome: lastLine(stderr), isRight: false };
  const summary = JSON.parse(stdout) as RunSummary;
  const { connections_opened: opened, target_build: build, private_bytes_per_connection } = summary;
  const bytes = private_bytes_per_connection;
  const outcome = [
    `${opened} opened`,
    ...(bytes === undefined ? [] : [`${formatBytes(bytes)} each`]),
    ...(build === undefined ? [] : [build.split(', ').slice(0, -1).join(', ')]),
  ].join('; ');
  return { ...cell, outcome, isRight: opened === 2000 };
}

/** Our own server is refused at once, in a few lines. */
function refuseOwnServer(place: Place, program: string, node: string): Cell {
  const { status, stderr } = run(place.root, program, ...tidemark(''));
  const lines = stderr.trimEnd().split('\n');
  const isRight =
    status === 1 &&
    lines.length <= longestRefusalLines &&
    lines[0]?.startsWith('tidemark: No uWebSockets.js build loads on Node') === true;
  const outcome = isRight ? `refused in ${lines.length} lines, which say how to go on` : stderr;
  return { node, place: place.name, target: 'uws', exitStatus: status, outcome, isRight };
}

function tidemark(more: string): string[] {
  return `app/node_modules/tidemark/dist/tidemark.js ${bench} ${more}`.trim().split(' ');
}

/** Runs a program of the work folder there, or in a root folder of its own in which the work folder is `/work`. */
function run(root: string | undefined, program: string, ...args: readonly string[]) {
  const env = { PATH: process.env['PATH'], HOME: work };
  const options = { cwd: work, env, encoding: 'utf8', timeout: timeoutMs } as const;
  if (root === undefined) return spawnSync(join(work, program), args, options);
  // In a mount namespace of its own, so that nothing stays mounted.
  const script = `
    for name in proc sys dev; do mount --rbind /$name "$ROOT/$name" || exit 99; done
    mkdir -p "$ROOT/work" && mount --bind "$PWD" "$ROOT/work" || exit 99
    HOME=/work/home exec chroot "$ROOT" sh -c 'cd /work && exec "$@"' sh "$@"`;
  const words = ['--mount', '--propagation=private', 'sh', '-c', script, 'sh', `./${program}`];
  return spawnSync('unshare', [...words, ...args], { ...options, env: { ...env, ROOT: root } });
}

function npm(...words: readonly string[]): void {
  const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', [...words, ...flags], {
    cwd: packageFolder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm ${words.join(' ')} failed: ${stderr.trim()}`);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function writeTable(table: string): void {
  const path = join(packageFolder, 'docs', 'platforms.md');
  const day = new Date().toISOString().slice(0, 10);
  const measured = `Measured on ${day}, Linux ${release()}, ${arch()}.\n\n${table}`;
  writeFileSync(path, insertTables(readFileSync(path, 'utf8'), { matrix: measured }));
}
