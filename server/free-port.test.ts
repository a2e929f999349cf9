import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { readMachineLimits } from '../machine/machine-limits.js';
import { RunError } from '../program/failure.js';
import { findFreePort } from './free-port.js';

describe('findFreePort()', () => {
  it('returns for 0 a port that can be listened on, and then for that port itself', async (t) => {
    const port = await findFreePort('127.0.0.1', 0);
    assert.ok(port > 0 && port <= 65_535);
    const { first } = readMachineLimits().ephemeralPorts;
    if (first > 20_000)
      assert.ok(port < first, `${port} may be taken by any program that connects`);
    assert.equal(await findFreePort('127.0.0.1', port), port);
    const server = createServer().listen(port, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
  });

  it('refuses a port that somebody listens on', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await assert.rejects(findFreePort('127.0.0.1', port), (error) => {
      assert.ok(error instanceof RunError);
      assert.equal(
        error.message,
        `Cannot listen on 127.0.0.1 port ${port}: it is in use; end what listens there or choose another with --port`,
      );
      return true;
    });
  });

  it('refuses an address that is not of this machine', async () => {
    // TEST-NET-1 (RFC 5737) belongs to no machine.
    await assert.rejects(
      findFreePort('192.0.2.1', 0),
      /^RunError: Cannot listen on 192\.0\.2\.1 port 0: .*EADDRNOTAVAIL.*; choose another address with --host$/,
    );
  });
});
