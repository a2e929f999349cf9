/**
 * Runs inside a target that is a Node program and that the bench has started: preloaded through NODE_OPTIONS, it tells
 * what only V8 knows. It adds one listening socket to the process, which keeps nothing alive, and does nothing until
 * it is asked. Each process of the target, forked ones too, has its own.
 */
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { collectGarbage, readProcessMemory } from '../../../machine/v8.js';
import { agentFolderVariable, agentSocketName, type AgentRequest } from './protocol.js';

const folder = process.env[agentFolderVariable];
// Worker threads inherit NODE_OPTIONS; their heaps are not read, and the process has its agent already.
if (folder !== undefined && isMainThread) listen(folder);

function listen(inFolder: string): void {
  const server = createServer((socket) => {
    socket.unref();
    // One after the other: the bench tells the answers apart by their order.
    let answered = Promise.resolve();
    socket.on('data', (bytes) => {
      answered = answered
        .then(() => answer(socket, bytes.toString('latin1')))
        // Without an inspector nothing is collected, and the bench must not believe it was.
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
    if (request === 'g') await collectGarbage();
    socket.write(`${JSON.stringify(readProcessMemory())}\n`);
  }
}
