import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openAdminPort, reply } from '../program/admin-port.js';
import { packageFolder } from '../program/package.js';
import { findFreePort } from '../server/free-port.js';

/** Runs the check of the image as the Docker engine does, and resolves to its exit status. */
async function check(adminPort: string, port: string): Promise<number> {
  const child = spawn(join(packageFolder, 'docker', 'healthcheck'), {
    env: { ...process.env, TIDEMARK_ADMIN_PORT: adminPort, TIDEMARK_PORT: port },
    stdio: 'ignore',
  });
  const [status] = (await once(child, 'close')) as [number];
  return status;
}

/** Opens an admin port whose health is a status, and resolves to its number. */
async function openWithHealth(t: TestContext, status: number): Promise<string> {
  const port = await openAdminPort('127.0.0.1', 0, {
    'GET /healthz': (_, response) => {
      reply(response, status, 'text/plain', '\n');
    },
  });
  t.after(port.close);
  return new URL(port.url).port;
}

describe('docker/healthcheck', () => {
  it('is well where the admin port says so, and not where it says otherwise', async (t) => {
    assert.equal(await check(await openWithHealth(t, 200), '1'), 0);
    assert.equal(await check(await openWithHealth(t, 503), '1'), 1);
  });

  it('asks the port of a target that has no admin port', async (t) => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const closed = String(await findFreePort('127.0.0.1', 0));
    assert.equal(await check(closed, String(port)), 0);
    assert.equal(await check(closed, closed), 1);
  });
});
