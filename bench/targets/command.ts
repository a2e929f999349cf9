import { RunError } from '../../program/failure.js';
import { describeEnd, startProgram } from './child-program.js';
import { waitUntilListening } from '../../program/wait-until-listening.js';
import type { Target, TargetDemand } from './target.js';

const stopGraceMs = 10_000;
const startTimeoutMs = 60_000;

/**
 * Starts the user's command through the shell, in the folder `cwd` or in this one, and waits until something listens
 * at its address.
 */
export async function startCommand(
  command: string,
  url: string,
  cwd: string | undefined,
  { niceness, environment, preload, agents, output, onStarted }: TargetDemand,
): Promise<Target> {
  const program = await startProgram({
    name: JSON.stringify(command),
    command: '/bin/sh',
    args: ['-c', exportFirst(preload) + command],
    hasChannel: false,
    niceness,
    environment: { ...environment, ...agents?.environment },
    cwd,
    ...(output === undefined ? {} : { output }),
  });
  onStarted?.(program.pid);
  const waiting = new AbortController();
  const endedEarly = program.ended.then((end) => {
    throw new RunError(
      `${JSON.stringify(command)} in ${cwd ?? process.cwd()} ${describeEnd(end)}; it did not listen at ${url} before`,
    );
  });
  try {
    await Promise.race([waitUntilListening(url, startTimeoutMs, waiting.signal), endedEarly]);
  } catch (error) {
    program.kill();
    throw error;
  } finally {
    waiting.abort();
  }
  return {
    name: command,
    url,
    isShared: false,
    rootPid: program.pid,
    facts: { command },
    readStats: () => Promise.resolve(undefined),
    ...(agents === undefined ? {} : { agents }),
    ended: program.ended.then(
      (end) => `${JSON.stringify(command)} in ${cwd ?? process.cwd()} ${describeEnd(end)}`,
    ),
    stop: async () => {
      await program.stop(stopGraceMs);
      // How somebody else's server ends on SIGTERM is up to that server.
      return undefined;
    },
    kill: program.kill,
  };
}

/** Has the shell give variables to what it starts, on a line before its command. */
function exportFirst(variables: Readonly<Record<string, string>>): string {
  const quoted = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
  return quoted.join('');
}
