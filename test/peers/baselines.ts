import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ChildProgram } from '../../bench/targets/child-program.js';
import { startForFirstLine } from '../../bench/targets/announced-program.js';
import { RunError } from '../../program/failure.js';
import { packageFolder } from '../../program/package.js';

/** C programs that are cheap enough for a server to be the limit. Not compiled by tsc, so they stay in their folder of the package. */
const sources = join(packageFolder, 'test', 'peers', 'baselines');

/** The compiled C programs. */
export interface Baselines {
  readonly connect: string;
  readonly echo: string;
}

/** Says in words what is missing to compile the baselines; undefined if nothing is. */
export function missingForBaselines(): string | undefined {
  return spawnSync('cc', ['--version']).status === 0
    ? undefined
    : 'no C compiler: apt-get install gcc libc6-dev';
}

/** Compiles the baselines into a folder. */
export function compileBaselines(folder: string): Baselines {
  const compile = (name: string): string => {
    const program = join(folder, name);
    execFileSync('cc', ['-O2', '-o', program, join(sources, `${name}.c`)]);
    return program;
  };
  return { connect: compile('connect_baseline'), echo: compile('echo_baseline') };
}

/** Connections that a baseline holds open. */
export interface HeldConnections {
  readonly perSecond: number;
  /** CPU that each took in the client. */
  readonly cpuMicros: number;
  /** The client, which holds them until it is killed. */
  readonly program: ChildProgram;
}

/** Second parts of 127.x.0.y for source addresses: a fresh one each time, so that TIME_WAIT does not slow the next one down. */
let nextNet = 1 + Math.floor(Math.random() * 200);

/**
 * Opens connections with the C client, each of which counts once it was greeted. It holds them for so many seconds at most.
 * @throws {RunError} if that fails.
 */
export async function openConnections(
  baseline: string,
  port: string,
  connections: number,
  mostSeconds = 60,
): Promise<HeldConnections> {
  nextNet = (nextNet % 250) + 1;
  const { line, program } = await startBaseline(baseline, [
    port,
    String(connections),
    String(nextNet),
    String(mostSeconds),
  ]);
  const [, perSecond, cpuMicros] = /: (\d+)\/s, ([\d.]+) us of CPU each/.exec(line) ?? [];
  return { perSecond: Number(perSecond), cpuMicros: Number(cpuMicros), program };
}

/** What echoes cost a server. */
export interface EchoCost {
  readonly perSecond: number;
  /** CPU that each took in the server. */
  readonly serverMicros: number;
}

/**
 * Has the C client send echoes over some connections, one in flight on each, and reads what they cost the server.
 * @throws {RunError} if that fails.
 */
export async function measureEchoes(
  baseline: string,
  port: string,
  seconds: number,
  serverPids: readonly number[],
): Promise<EchoCost> {
  const args = [port, '100', String(seconds), ...serverPids.map(String)];
  const { line, program } = await startBaseline(baseline, args);
  await program.ended;
  const [, perSecond, micros] = /: (\d+)\/s, server ([\d.]+) us/.exec(line) ?? [];
  return { perSecond: Number(perSecond), serverMicros: Number(micros) };
}

async function startBaseline(
  command: string,
  args: readonly string[],
): Promise<{ readonly line: string; readonly program: ChildProgram }> {
  const { program, firstLine: line } = await startForFirstLine({
    name: command,
    command,
    args,
    hasChannel: false,
  });
  if (line !== undefined) return { line, program };
  const { errorLine } = await program.ended;
  throw new RunError(`${command} ${args.join(' ')} failed: ${errorLine}`);
}
