import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { errorCodeOf, messageOf, RunError } from '../../../../program/failure.js';
import { packageFolder } from '../../../../program/package.js';

const run = promisify(execFile);

/** How to start the compiled server; its own options follow the arguments. */
export interface NettyProgram {
  readonly command: string;
  readonly args: readonly string[];
}

/** The source is not compiled by tsc, so it stays in its folder of the package. */
const source = join(packageFolder, 'bench/targets/peers/netty/NettyServer.java');

/** Where Debian's libnetty-java puts its jars. */
const jarFolder = '/usr/share/java';
const jars = [
  'netty-buffer',
  'netty-codec',
  'netty-codec-http',
  'netty-common',
  'netty-handler',
  'netty-resolver',
  'netty-transport',
].map((name) => join(jarFolder, `${name}.jar`));

/** Where Java finds Netty. */
export const nettyClassPath = jars.join(delimiter);

/**
 * 256 MB of heap is plenty for the objects of thousands of connections, so that what climbs is not the heap. The JVM
 * counts its own native memory, which costs it a few per cent of that.
 */
const jvmFlags = ['-Xmx256m', '-XX:NativeMemoryTracking=summary'];

const install = 'get it with apt-get install default-jdk-headless libnetty-java';

/** Returns in words what the Netty server lacks on this machine; undefined if nothing is missing. */
export function missingForNetty(): string | undefined {
  if (findProgram('javac') === undefined) return `there is no Java compiler: ${install}`;
  if (findProgram('java') === undefined) return `there is no Java: ${install}`;
  if (jars.some((jar) => !existsSync(jar))) return `there is no Netty in ${jarFolder}: ${install}`;
  return undefined;
}

/**
 * Compiles the Netty server, unless that has been done, and returns how to start it. The classes are kept below the system's
 * folder for temporary files, in a folder named after what they were compiled from.
 * @throws {RunError} if Java or Netty is not installed, or the source can't be compiled.
 */
export async function compileNettyServer(): Promise<NettyProgram> {
  const missing = missingForNetty();
  if (missing !== undefined) throw new RunError(`Cannot start the netty target: ${missing}`);
  const folder = await compileOnce(nettyClassPath);
  const command = findProgram('java') ?? 'java';
  return {
    command,
    args: [...jvmFlags, '-cp', `${folder}${delimiter}${nettyClassPath}`, 'NettyServer'],
  };
}

async function compileOnce(classPath: string): Promise<string> {
  const compiler = findProgram('javac') ?? 'javac';
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `tidemark-netty-${uid}-${await identify(compiler, classPath)}`);
  if (isOurs(folder, uid)) return folder;
  let unfinished: string | undefined;
  try {
    // It is made for this user alone.
    unfinished = mkdtempSync(`${folder}-`);
    await run(compiler, ['-d', unfinished, '-cp', classPath, source]);
    renameSync(unfinished, folder);
  } catch (error) {
    if (unfinished !== undefined) rmSync(unfinished, { recursive: true, force: true });
    // Another run has finished it in the meantime.
    if (isTaken(error) && isOurs(folder, uid)) return folder;
    throw new RunError(`Cannot compile ${source} into ${folder}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return folder;
}

/** Stands for all that the classes depend on. Older Java can't run the classes of a newer compiler. */
async function identify(compiler: string, classPath: string): Promise<string> {
  const version = await run(compiler, ['-version']).catch((error: unknown) => {
    throw new RunError(`Cannot run ${compiler}: ${messageOf(error)}`, { cause: error });
  });
  const hash = createHash('sha256').update(readFileSync(source)).update(classPath);
  return hash.update(version.stdout).update(version.stderr).digest('hex').slice(0, 16);
}

/**
 * Tells whether the folder is there, and only this user can have written to it.
 * @throws {RunError} if it is another user's: anybody can make one there, and what is in it gets run.
 */
function isOurs(folder: string, uid: number): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  const othersMayWrite = (stats.mode & 0o022) !== 0;
  if (stats.isDirectory() && stats.uid === uid && !othersMayWrite) return true;
  throw new RunError(
    `Cannot use ${folder} for the netty target: others can write to it, remove it`,
  );
}

/** A folder that is not empty can't be renamed over. */
function isTaken(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'ENOTEMPTY' || code === 'EEXIST';
}

/** Looks for a program of the JDK in JAVA_HOME and in PATH. */
function findProgram(name: string): string | undefined {
  const { JAVA_HOME: home, PATH: path = '' } = process.env;
  const folders = [...(home === undefined ? [] : [join(home, 'bin')]), ...path.split(delimiter)];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}
