import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { RunError } from '../../program/failure.js';
import { chooseAddress } from './resolve-target.js';

describe('chooseAddress()', () => {
  it('takes the first of several that accepts a connection, and the first if none does', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    // All of 127.0.0.0/8 is local to Linux, and nothing listens on the first one.
    const addresses = ['127.0.0.2', '127.0.0.1'];
    assert.equal(await chooseAddress(addresses, 'name', port), '127.0.0.1');
    server.close();
    await once(server, 'close');
    assert.equal(await chooseAddress(addresses, 'name', port), '127.0.0.2');
  });

  it('does not try one that is alone, and refuses a name without any', async () => {
    assert.equal(await chooseAddress(['192.0.2.1'], 'name', 1), '192.0.2.1');
    await assert.rejects(chooseAddress([], 'name', 1), RunError);
  });
});
