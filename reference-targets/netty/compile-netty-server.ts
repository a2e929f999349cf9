import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf, RunError } from '../../options/failure.js';

const run = promisify(execFile);

/** How to start the compiled server; its own options follow the arguments. */
export interface NettyProgram {
  readonly command: string;
  readonly args: readonly string[];
}

/** The source is not compiled by tsc, so it stays in its folder of the package, two levels above dist's. */
const source = fileURLToPath(
  new URL('../../../reference-targets/netty/NettyServer.java', import.meta.url),
);

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

/**
 * 256 MB of heap are plenty for the objects of thousands of connections, so that what climbs is not the heap. The JVM
 * counts what it takes natively itself, which costs it some per cent of that.
 */
const jvmFlags = ['-Xmx256m', '-XX:NativeMemoryTracking=summary'];

const install = 'get them with apt-get install default-jdk-headless libnetty-java';

/** Returns, in words, what is missing for the Netty server on this machine; undefined if nothing is. */
export function missingForNetty(): string | undefined {
  if (findProgram('javac') === undefined) return `there is no Java compiler: ${install}`;
  if (jars.some((jar) => !existsSync(jar))) return `there is no Netty in ${jarFolder}: ${install}`;
  return undefined;
}

/**
 * Compiles the Netty server, unless that has been done, and returns how to start it. The classes are kept in a folder
 * below the system's one for temporary files, by what they were compiled from.
 * @throws {RunError} if Java or Netty is not installed, or the source can't be compiled.
 */
export async function compileNettyServer(): Promise<NettyProgram> {
  const missing = missingForNetty();
  if (missing !== undefined) throw new RunError(`Cannot start the netty target: ${missing}`);
  const classPath = jars.join(delimiter);
  const folder = await compileOnce(classPath);
  const command = findProgram('java') ?? 'java';
  return {
    command,
    args: [...jvmFlags, '-cp', `${folder}${delimiter}${classPath}`, 'NettyServer'],
  };
}

async function compileOnce(classPath: string): Promise<string> {
  const compiler = findProgram('javac') ?? 'javac';
  const identity = createHash('sha256')
    .update(readFileSync(source))
    .update(classPath)
    .update(compiler)
    .digest('hex');
  const { uid } = userInfo();
  const folder = join(tmpdir(), `tidemark-netty-${uid}-${identity.slice(0, 16)}`);
  if (existsSync(folder)) {
    // Anybody may make a folder there, and what is in it gets run.
    if (statSync(folder).uid === uid) return folder;
    throw new RunError(`Cannot use ${folder} for the netty target: it belongs to another user`);
  }
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { mode: 0o700 });
  try {
    await run(compiler, ['-d', unfinished, '-cp', classPath, source]);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new RunError(`Cannot compile ${source}: ${messageOf(error)}`, { cause: error });
  }
  return folder;
}

/** Looks for a program of the JDK in JAVA_HOME and in PATH. */
function findProgram(name: string): string | undefined {
  const { JAVA_HOME: home, PATH: path = '' } = process.env;
  const folders = [...(home === undefined ? [] : [join(home, 'bin')]), ...path.split(delimiter)];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}
