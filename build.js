#!/usr/bin/env node
// @ts-check
/**
 * Builds Tidemark when its sources have changed, and runs what was asked for from that build. It is plain JavaScript
 * because it has to run before anything is compiled.
 *
 *   node build.js                          build
 *   node build.js run tidemark bench …     build, then run tidemark.ts with these arguments
 *   node build.js test [FOLDER|FILE…]      build, then run the tests, only those named, such as loadgen/plan/plan.test.js
 *   node build.js test --but FOLDER        … of all folders but this one
 *   node build.js package                  build, then write dist/, which goes into the npm package and the image
 *
 * Each state of the sources has a folder of its own, `.builds/<hash of the sources>`. It is made under another name and
 * renamed when it is whole, so nobody sees a half-built one, a program that runs keeps the build that it was started from,
 * and no output outlives its source.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = import.meta.dirname;
const builds = join(root, '.builds');

/** Each is compiled by itself: what runs in Node, and what runs in the report's page. */
const projects = ['.', join('bench', 'report', 'page')];

/** Folders whose programs are for developers only, and not part of the package. */
const developerFolders = ['docs', 'test', 'bench/targets/peers/gorilla'];

/** What `import … from 'tidemark'` gets, without an ending: its types go into the package, with those that they need. */
const entry = 'bench/api/measure';

/** A build that nobody has started for so long is removed when a new one is made. */
const keptForMs = 10 * 60_000;

try {
  const status = await main(process.argv.slice(2));
  // A program that has run may have set its own.
  if (status !== undefined) process.exitCode = status;
} catch (error) {
  process.stderr.write(`tidemark: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/**
 * @param {readonly string[]} words
 * @returns {Promise<number | undefined>} the exit status, or undefined to leave it to the program that runs.
 */
async function main([verb = 'build', ...rest]) {
  const build = findBuild();
  switch (verb) {
    case 'build':
      return 0;
    case 'run':
      await run(build, rest);
      return undefined;
    case 'test':
      return test(build, rest);
    case 'package':
      writePackage(build);
      return 0;
    default:
      throw new Error(`build.js knows build, run, test and package, not ${JSON.stringify(verb)}`);
  }
}

/**
 * Runs a program of the build in this process, as if Node had been started with it.
 * @param {string} build
 * @param {readonly string[]} words its name, without an ending, and its arguments
 */
async function run(build, [program = 'tidemark', ...words]) {
  const path = join(build, `${program}.js`);
  // npm runs its scripts in this folder, and tells the one that the user called from, to which paths are relative.
  const { INIT_CWD: calledFrom } = process.env;
  if (process.cwd() === root && calledFrom !== undefined && existsSync(calledFrom)) {
    process.chdir(calledFrom);
  }
  process.argv = [process.argv[0] ?? 'node', path, ...words];
  await import(pathToFileURL(path).href);
}

/**
 * @param {string} build
 * @param {readonly string[]} words
 * @returns {number} the exit status
 */
function test(build, words) {
  const isLeavingOut = words[0] === '--but';
  const folders = isLeavingOut ? words.slice(1) : words;
  const tests = listFiles(build).filter((path) => {
    const isNamed = folders.some((name) => path.startsWith(`${name}/`) || path === name);
    return path.endsWith('.test.js') && (folders.length === 0 || isNamed !== isLeavingOut);
  });
  if (tests.length === 0) throw new Error(`There is no test in ${folders.join(', ')}`);
  // Node itself leaves a core free, but these wait half of the time. With two for a core, runs that measure overload the machine.
  const concurrency = `--test-concurrency=${availableParallelism()}`;
  const { status } = spawnSync(process.execPath, ['--test', concurrency, ...tests], {
    cwd: build,
    stdio: 'inherit',
  });
  return status ?? 1;
}

/**
 * Writes dist/ anew: what users run, without tests, fixtures and source maps.
 * @param {string} build
 */
function writePackage(build) {
  const dist = join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  for (const path of listFiles(build)) {
    const isForDevelopers = developerFolders.some((folder) => path.startsWith(`${folder}/`));
    if (isForDevelopers || !/(?<!\.test|\.fixture)\.js$/.test(path)) continue;
    const text = readFileSync(join(build, path), 'utf8');
    mkdirSync(join(dist, path, '..'), { recursive: true });
    writeFileSync(join(dist, path), text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));
  }
  if (existsSync(join(dist, `${entry}.js`))) writeTypes(dist);
}

/**
 * Writes the types of the package's entry, and of the modules that they name, none of the others.
 * @param {string} dist
 */
function writeTypes(dist) {
  const all = join(builds, `types.${process.pid}`);
  try {
    runCompiler('.', all, ['--declaration', '--emitDeclarationOnly', '--sourceMap', 'false']);
    const wanted = [`${entry}.d.ts`];
    // It grows while it is gone through.
    for (const path of wanted) {
      const text = readFileSync(join(all, path), 'utf8');
      mkdirSync(join(dist, path, '..'), { recursive: true });
      writeFileSync(join(dist, path), text);
      for (const [, name = ''] of text.matchAll(/\b(?:from |import\()['"]([^'"]+)['"]/g)) {
        if (name.startsWith('#')) throw new Error(`${path} names ${name}, which a user can't find`);
        const found = join(path, '..', name).replaceAll(sep, '/').replace(/\.js$/, '.d.ts');
        if (name.startsWith('.') && !wanted.includes(found)) wanted.push(found);
      }
    }
  } finally {
    rmSync(all, { recursive: true, force: true });
  }
}

/**
 * Returns the folder of the build of the present sources, and makes it if it is missing.
 * @returns {string}
 * @throws {Error} if they do not compile.
 */
function findBuild() {
  const hash = hashSources();
  const build = join(builds, hash);
  if (!existsSync(build)) {
    if (process.stderr.isTTY) process.stderr.write('Building…\n');
    compile(build);
    removeUnused(hash);
  }
  // A sign that it is in use.
  const users = join(build, '.users');
  mkdirSync(users, { recursive: true });
  writeFileSync(join(users, String(process.pid)), '');
  const now = new Date();
  utimesSync(build, now, now);
  process.on('exit', () => {
    rmSync(join(users, String(process.pid)), { force: true });
  });
  return build;
}

/** @param {string} build */
function compile(build) {
  const unfinished = `${build}.${process.pid}`;
  try {
    for (const project of projects) runCompiler(project, unfinished, []);
    writeFileSync(join(unfinished, 'package.json'), scopeOfBuild());
    renameSync(unfinished, build);
  } catch (error) {
    // Another command has built the same in the meantime: that one will do.
    if (!existsSync(build)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/**
 * @param {string} project
 * @param {string} folder for what it makes
 * @param {readonly string[]} more words
 * @throws {Error} if the project does not compile.
 */
function runCompiler(project, folder, more) {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(compiler)) throw new Error('TypeScript is not installed: run npm ci');
  const words = [compiler, '-p', join(root, project), '--outDir', folder, ...more];
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(stdout);
  throw new Error('The sources do not compile, see above');
}

/**
 * Returns a package.json that has the names of `imports` lead to the modules of the build itself.
 * @returns {string}
 */
function scopeOfBuild() {
  const { imports = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const inBuild = Object.entries(imports).map(([name, paths]) => [
    name,
    paths.default.replace('./dist/', './'),
  ]);
  return `${JSON.stringify({ type: 'module', imports: Object.fromEntries(inBuild) })}\n`;
}

/**
 * Removes builds of other sources that no process uses, and what a killed build has left.
 * @param {string} hash of the build that stays
 */
function removeUnused(hash) {
  for (const name of readdirSync(builds)) {
    const folder = join(builds, name);
    const [of = '', builder] = name.split('.');
    if (builder !== undefined ? isAlive(builder) : of === hash || isInUse(folder)) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} build */
function isInUse(build) {
  const users = join(build, '.users');
  const isYoung = Date.now() - statSync(build).mtimeMs < keptForMs;
  return isYoung || (existsSync(users) && readdirSync(users).some(isAlive));
}

/** @param {string} pid */
function isAlive(pid) {
  try {
    return process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM: it is there, but belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Returns a hash of all that a build is made from: the sources, how they are compiled, and with which packages.
 * @returns {string}
 */
function hashSources() {
  const hash = createHash('sha256');
  for (const path of listFiles(root)) {
    if (!/\.ts$|(^|\/)(tsconfig|package|package-lock)\.json$/.test(path)) continue;
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Lists the files in a folder and those below it, by their paths with `/`, in order; none of hidden folders, of installed
 * packages, of results, or of what was built.
 * @param {string} folder
 * @returns {string[]}
 */
function listFiles(folder) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} path */
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const isTop = path === root;
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (isTop && (entry.name === 'dist' || entry.name === 'results')) continue;
      const inner = join(path, entry.name);
      if (entry.isDirectory()) visit(inner);
      else found.push(relative(folder, inner).replaceAll(sep, '/'));
    }
  };
  visit(folder);
  return found.sort();
}
