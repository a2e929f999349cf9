import { availableParallelism } from 'node:os';
import { type ChildProgram, endAtOnce } from '../../bench/targets/child-program.js';
import { startTarget } from '../../bench/targets/start-target.js';
import { nicenessAtMaxRate, plainDemand } from '../../bench/targets/target.js';
import { shareOf } from '../../loadgen/plan/shares.js';
import { RunError } from '../../program/failure.js';
import { openConnections } from './baselines.js';
import { greeting } from './server-peers.js';

/** How long the first process has to hold what it has opened, in seconds, while the others open theirs. */
const longestRampS = 900;

/**
 * Has the C client open connections to the server that the bench would start for them, as the bench does it: a worker after the other,
 * and as many at a time as there are cores. Each process of the client fills one worker, and holds what it has opened until the end.
 * Resolves to the seconds from the start of the first process until all are open and greeted.
 * @throws {RunError} if that fails.
 */
export async function measureCRamp(connect: string, connections: number): Promise<number> {
  const server = await startTarget(
    { kind: 'bundled', name: 'uws', greeting, compression: 'off', workers: 'auto' },
    { ...plainDemand(connections), fillsInTurn: true, niceness: nicenessAtMaxRate },
  );
  const clients: ChildProgram[] = [];
  try {
    const ports = (server.workerUrls ?? []).map((url) => new URL(url).port);
    if (ports.length === 0) throw new RunError('the server has told no ports of its workers');
    const beganMs = performance.now();
    let next = 0;
    const fillOneAfterTheOther = async (): Promise<void> => {
      for (let index = next++; index < ports.length; index = next++) {
        const share = shareOf(connections, { index, stride: ports.length });
        const { program } = await openConnections(connect, ports[index] ?? '', share, longestRampS);
        clients.push(program);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, fillOneAfterTheOther));
    return (performance.now() - beganMs) / 1000;
  } finally {
    await Promise.all(clients.map(endAtOnce));
    await endAtOnce(server);
  }
}
