import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type uWS from 'uWebSockets.js';
import { messageOf, RunError } from '../options/failure.js';
import type { NativeBinding } from './documents.js';

/** The interface of uWebSockets.js. Only what the oldest build has may be used of it. */
export type UWebSockets = typeof uWS;

/** Builds to choose from: `newest` is upstream's current one, `glibc-2.27` an older one for older systems. */
export const buildChoices = ['auto', 'newest', 'glibc-2.27'] as const;

/** A build to load, or `auto` for the newest one that loads. */
export type BuildChoice = (typeof buildChoices)[number];

/** A loaded build and what it is. */
export interface LoadedBinding {
  readonly uws: UWebSockets;
  readonly binding: NativeBinding;
}

interface Build {
  readonly choice: Exclude<BuildChoice, 'auto'>;
  /** Name under which package.json has it. */
  readonly packageName: string;
  /** Folder of the `.node` files within the package. */
  readonly folder: string;
}

/** In the order in which they are tried. */
const builds: readonly Build[] = [
  { choice: 'newest', packageName: 'uWebSockets.js', folder: '.' },
  { choice: 'glibc-2.27', packageName: 'uWebSockets.js-glibc-2.27', folder: 'binaries' },
];

const require = createRequire(import.meta.url);

/**
 * Loads uWebSockets.js: the `.node` file itself rather than the package's entry point, because that of the older
 * build falls back in silence to an imitation in JavaScript, whose memory is not what is to be measured.
 * @throws {RunError} if no build can be loaded; the message says what was tried, why it failed and what to do.
 */
export function loadNativeBinding(choice: BuildChoice): LoadedBinding {
  const failures: string[] = [];
  for (const build of builds) {
    if (choice !== 'auto' && choice !== build.choice) continue;
    try {
      return load(build);
    } catch (error) {
      failures.push(`${build.packageName}: ${firstLine(messageOf(error))}`);
    }
  }
  throw new RunError(
    `No build of uWebSockets.js loads on ${describePlatform()} (${failures.join('; ')}): use Node 20, or Node 20, 22 ` +
      'or 24 on a system with glibc 2.38 or newer (Debian 13, Ubuntu 24.04), or point the dependency ' +
      '"uWebSockets.js" in package.json to a build for this platform',
  );
}

/** Writes a loaded build for people: version, ABI and file. */
export function describeBinding({ version, abi, file }: NativeBinding): string {
  return `uWebSockets.js ${version}, ABI ${abi}, ${file}`;
}

function load(build: Build): LoadedBinding {
  const root = findPackage(build.packageName);
  const { platform, arch, versions } = process;
  const file = join(root, build.folder, `uws_${platform}_${arch}_${versions.modules}.node`);
  const uws = require(file) as UWebSockets;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return { uws, binding: { version, abi: versions.modules, file } };
}

/** Finds the folder of an installed package without running its entry point. */
function findPackage(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const path = join(folder, name, 'package.json');
    try {
      readFileSync(path);
      return dirname(path);
    } catch {
      // Not in this node_modules: the next one up is looked at.
    }
  }
  throw new Error('it is not installed, run npm ci');
}

/** Reads the version of glibc that Node runs with; undefined without glibc. It takes some milliseconds. */
export function readGlibcVersion(): string | undefined {
  const { header } = process.report.getReport() as {
    readonly header?: { readonly glibcVersionRuntime?: string };
  };
  return header?.glibcVersionRuntime;
}

function describePlatform(): string {
  const glibc = readGlibcVersion();
  const libc = glibc === undefined ? 'no glibc' : `glibc ${glibc}`;
  return `Node ${process.versions.node}, ABI ${process.versions.modules}, ${process.platform} ${process.arch}, ${libc}`;
}

/** Node appends the list of requiring modules to its message. */
function firstLine(message: string): string {
  return message.split('; ', 1)[0] ?? message;
}
