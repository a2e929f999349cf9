import { fileURLToPath } from 'node:url';
import { compileNettyServer } from './peers/netty/compile-netty-server.js';
import { describeEnd } from './child-program.js';
import type { BundledTarget, Target, TargetChoice, TargetDemand } from './target.js';
import { startAnnouncedProgram } from './announced-program.js';

/** It closes its connections within 5 s; this is a little more. */
const stopGraceMs = 10_000;

const wsProgram = fileURLToPath(new URL('./peers/ws-server.js', import.meta.url));

/** A bundled server that is not our own. */
export type Peer = Exclude<BundledTarget, 'uws'>;

/**
 * Starts a peer on a free port and waits until it listens.
 * @throws {RunError} if it does not start, or what it needs is not installed.
 */
export async function startPeerServer(
  name: Peer,
  { greeting, compression }: Extract<TargetChoice, { kind: 'bundled' }>,
  { niceness, environment, preload, agents, output }: TargetDemand,
): Promise<Target> {
  const { command, args } = await programOf(name);
  const { program, firstLine } = await startAnnouncedProgram({
    name: `${name} server`,
    command,
    args: [
      ...args,
      '--port=0',
      `--compression=${compression}`,
      greeting === undefined ? '--no-greeting' : `--greeting=${greeting}`,
    ],
    hasChannel: name === 'ws',
    niceness,
    environment: { ...environment, ...preload, ...agents?.environment },
    ...(output === undefined ? {} : { output }),
  });
  const { url } = JSON.parse(firstLine) as { readonly url: string };
  return {
    name,
    url,
    isShared: false,
    rootPid: program.pid,
    facts: { command: [command, ...args], greeting, compression },
    ...(agents === undefined ? {} : { agents }),
    readStats: () => Promise.resolve(undefined),
    ended: program.ended.then(
      (end) => `the ${name} server (pid ${program.pid}) ${describeEnd(end)}`,
    ),
    stop: async () => {
      const end = await program.stop(stopGraceMs);
      return end.code === 0 ? undefined : `the ${name} server ${describeEnd(end)}`;
    },
    kill: program.kill,
  };
}

async function programOf(
  name: Peer,
): Promise<{ readonly command: string; readonly args: readonly string[] }> {
  switch (name) {
    case 'ws':
      return { command: process.execPath, args: [wsProgram] };
    case 'netty':
      return compileNettyServer();
  }
}
