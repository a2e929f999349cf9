import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type uWS from 'uWebSockets.js';
import { messageOf, RunError } from '../program/failure.js';
import type { NativeBinding } from './documents.js';
import { lowerGlibc } from './lower-glibc.js';

/** The interface of uWebSockets.js. */
export type UWebSockets = typeof uWS;

/** A file that may load. */
interface Candidate {
  readonly file: string;
  readonly version: string;
}

/** No build of uWebSockets.js loads here. Its advice says how to do without one, and how to get one. */
export class NoBindingError extends RunError {}

/** First release of uWebSockets.js with builds for Node 26. */
const upstreamRelease = 'v20.67.0';

const loadTimeoutMs = 30_000;

/**
 * Finds the build of uWebSockets.js that loads here, and tries it in a separate process: the file or package folder
 * that is `given`, else the installed package; as it is, else a copy of it that needs only an older glibc (see
 * {@link lowerGlibc}). The copy is kept in a cache folder, and nothing in `node_modules` is changed. Takes about 0.1 s.
 * @throws {NoBindingError} if none loads; the message says what was tried and why it failed.
 */
export function findNativeBinding(given: string | undefined): NativeBinding {
  const failures: string[] = [];
  const candidates = given === undefined ? findInstalled() : [readGiven(resolve(given))];
  if (candidates.length === 0) failures.push('the package is not installed, run npm ci');
  for (const candidate of candidates) {
    const binding = tryCandidate(candidate, failures);
    if (binding !== undefined) return binding;
  }
  const subject = given === undefined ? 'uWebSockets.js build' : `build of --uws ${given}`;
  throw new NoBindingError(`No ${subject} loads on ${describePlatform()}: ${failures.join('; ')}`, {
    advice: [
      'The experiment in containers:        docker compose up',
      'The same against the ws server:      tidemark bench --target ws',
      'Your own server:                     tidemark bench --exec "node server.js" --url URL, or --pid PID --url URL',
      `To have ours run here, install upstream's build: npm install --allow-git=root uWebSockets.js@github:uNetworking/uWebSockets.js#${upstreamRelease}`,
    ],
  });
}

/** Loads what {@link findNativeBinding} has found. */
export function loadNativeBinding({ file }: NativeBinding): UWebSockets {
  // The file itself, since an entry point may silently fall back to something whose memory is not meant to be measured.
  return createRequire(import.meta.url)(file) as UWebSockets;
}

/** Describes a build for people: version, ABI, whether it is lowered, and file. */
export function describeBinding({ version, abi, file, lowered }: NativeBinding): string {
  const how = lowered ? ', lowered for a glibc before 2.38' : '';
  return `uWebSockets.js ${version}, ABI ${abi}${how}, ${file}`;
}

/** Reads the version of glibc that Node runs with; undefined without glibc. It takes some milliseconds. */
export function readGlibcVersion(): string | undefined {
  const { header } = process.report.getReport() as {
    readonly header?: { readonly glibcVersionRuntime?: string };
  };
  return header?.glibcVersionRuntime;
}

function tryCandidate({ file, version }: Candidate, failures: string[]): NativeBinding | undefined {
  const { modules: abi } = process.versions;
  if (!existsSync(file)) {
    failures.push(`version ${version} has no file ${basename(file)}`);
    return undefined;
  }
  const failure = tryToLoad(file);
  if (failure === undefined) return { version, abi, file, lowered: false };
  failures.push(failure);
  try {
    const copy = findLoweredCopy(file);
    return copy === undefined ? undefined : { version, abi, file: copy, lowered: true };
  } catch (error) {
    failures.push(`the copy for an older glibc failed: ${messageOf(error)}`);
    return undefined;
  }
}

/** Every installed package of this name: if there are two, the outer one may load though the inner one does not. */
function findInstalled(): readonly Candidate[] {
  const paths = createRequire(import.meta.url).resolve.paths('uWebSockets.js') ?? [];
  return paths
    .map((folder) => join(folder, 'uWebSockets.js'))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map(readGiven);
}

/** Returns the file for this platform in a package folder, or the `.node` file that is given itself. */
function readGiven(path: string): Candidate {
  const { platform, arch, versions } = process;
  const isFile = path.endsWith('.node');
  const folder = isFile ? dirname(path) : path;
  const file = isFile ? path : join(folder, `uws_${platform}_${arch}_${versions.modules}.node`);
  return { file, version: readVersion(join(folder, 'package.json')) };
}

function readVersion(path: string): string {
  if (!existsSync(path)) return 'unknown';
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version?: unknown };
  return typeof version === 'string' ? version : 'unknown';
}

/** Loads a file in a separate process, which a broken file may crash; returns why it can't be loaded, or undefined. */
function tryToLoad(file: string): string | undefined {
  const program =
    'const m = { exports: {} }; process.dlopen(m, process.argv[1]);' +
    'if (typeof m.exports.App !== "function") throw new Error("it is no build of uWebSockets.js")';
  try {
    execFileSync(process.execPath, ['-e', program, file], {
      // Modules that preload themselves into Node programs are not needed in this one.
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: loadTimeoutMs,
    });
    return undefined;
  } catch (error) {
    const { stderr } = error as { readonly stderr?: Buffer };
    return /^Error: (.*)$/m.exec(stderr?.toString() ?? '')?.[1] ?? messageOf(error);
  }
}

/**
 * Returns the copy of a build that needs only an older glibc; undefined if there can be none. It is found by the hash of the
 * original, and made when it is missing or is not what it has to be.
 * @throws {Error} if it can't be written, or does not load.
 */
function findLoweredCopy(file: string): string | undefined {
  const original = readFileSync(file);
  const lowered = lowerGlibc(original);
  if (lowered === undefined) return undefined;
  const hash = createHash('sha256').update(original).digest('hex');
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tidemark');
  const path = join(folder, `${hash.slice(0, 16)}-${basename(file)}`);
  if (existsSync(path) && readFileSync(path).equals(lowered)) return path;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(unfinished, lowered, { flag: 'wx' });
    const failure = tryToLoad(unfinished);
    if (failure !== undefined) throw new Error(failure);
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return path;
}

function describePlatform(): string {
  const glibc = readGlibcVersion();
  const libc = glibc === undefined ? 'no glibc' : `glibc ${glibc}`;
  return `Node ${process.versions.node} (ABI ${process.versions.modules}, ${process.platform} ${process.arch}, ${libc})`;
}
