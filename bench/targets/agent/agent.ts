/**
 * Runs inside a target that is a Node program started by the bench: preloaded through NODE_OPTIONS, it reports
 * what only V8 knows. It adds one listening socket to the process, which keeps nothing alive, and does nothing until
 * it is asked. Each process of the target, forked ones too, has its own.
 */
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { collectGarbage, readProcessMemory } from '../../../machine/v8.js';
import { startHeapSampling } from './heap-sampling.js';
import {
  agentFolderVariable,
  agentSocketName,
  childVariablesVariable,
  type AgentRequest,
  type JsMemory,
  samplingVariable,
  snapshotsVariable,
} from './protocol.js';

const folder = process.env[agentFolderVariable];
const samplingBytes = Number(process.env[samplingVariable] ?? 0);
const snapshotFile =
  folder === undefined || process.env[snapshotsVariable] === undefined
    ? undefined
    : join(folder, `${process.pid}.heapsnapshot`);
// Worker threads inherit NODE_OPTIONS; their heaps are not read, and the process already has its agent.
const isAsked = folder !== undefined && isMainThread;
// At once, so that what the program itself allocates when it starts is seen too.
const sampling = isAsked && samplingBytes > 0 ? startHeapSampling(samplingBytes) : undefined;
if (isAsked) {
  Object.assign(process.env, JSON.parse(process.env[childVariablesVariable] ?? '{}'));
  listen(folder);
}

function listen(inFolder: string): void {
  const server = createServer((socket) => {
    socket.unref();
    // One after another: the bench tells the answers apart by their order.
    let answered = Promise.resolve();
    socket.on('data', (bytes) => {
      answered = answered
        .then(() => answer(socket, bytes.toString('latin1')))
        // Without an inspector nothing is collected, and the bench must not believe that it was.
        .catch(() => {
          socket.destroy();
        });
    });
    // The bench has gone away: the target goes on without it.
    socket.on('error', () => socket.destroy());
  });
  // Without a place for its socket the target runs as it would without the agent, and the bench does without its figures.
  server.on('error', () => server.close());
  server.listen(join(inFolder, agentSocketName(process.pid, 'js')));
  server.unref();
}

/** One request is one byte, so it never comes in pieces. */
async function answer(socket: Socket, requests: string): Promise<void> {
  for (const request of requests as Iterable<AgentRequest>) {
    socket.write(`${JSON.stringify(await readMemory(request === 'g'))}\n`);
  }
}

async function readMemory(isCollectedFirst: boolean): Promise<JsMemory> {
  if (!isCollectedFirst) return readProcessMemory();
  await collectGarbage();
  // Before the samples are read, which leaves garbage.
  const memory = readProcessMemory();
  const allocations = sampling?.readAlive();
  return {
    ...memory,
    ...(allocations === undefined ? {} : { allocations }),
    ...(snapshotFile === undefined ? {} : { snapshot: writeHeapSnapshot(snapshotFile) }),
  };
}
