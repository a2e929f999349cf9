import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AgentClients } from './agent-clients.js';
import { agentFolderVariable, agentSocketName } from './protocol.js';

describe('AgentClients', () => {
  it('goes without the figures of a process that is killed while it is asked', async () => {
    const clients = new AgentClients({
      samplingBytes: undefined,
      tracesPython: false,
      takesSnapshots: false,
    });
    const folder = clients.environment[agentFolderVariable] ?? '';
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      // To close a socket with unread bytes in it resets the connection, as the death of a process does.
      setTimeout(() => socket.destroy(), 50);
    });
    server.listen(join(folder, agentSocketName(4711, 'js')));
    await once(server, 'listening');
    const memory = await clients.readMemory([4711]);
    assert.equal(memory.size, 0);
    server.close();
    clients.close();
  });
});
