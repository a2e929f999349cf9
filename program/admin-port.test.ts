import assert from 'node:assert/strict';
import { request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { findObjection, openAdminPort, reply } from './admin-port.js';

describe('findObjection()', () => {
  const loopback = '127.0.0.1';
  it('lets programs and people in', () => {
    for (const host of [
      '127.0.0.1:9090',
      'localhost:9090',
      '[::1]:9090',
      'LOCALHOST',
      '127.0.0.2',
    ]) {
      assert.equal(findObjection({ host }, loopback), undefined, host);
    }
    assert.equal(
      findObjection({ host: 'localhost', 'sec-fetch-site': 'none' }, loopback),
      undefined,
    );
    assert.equal(findObjection({ host: 'server:9090' }, '0.0.0.0'), undefined);
    assert.equal(findObjection({}, loopback), undefined, 'HTTP/1.0');
  });

  it('keeps pages out, and names that were bent to loopback', () => {
    for (const headers of [
      { host: 'localhost:9090', origin: 'https://evil.example' },
      { host: 'localhost:9090', origin: 'null' },
      { host: 'localhost:9090', 'sec-fetch-site': 'cross-site' },
      { host: 'localhost:9090', 'sec-fetch-site': 'same-site' },
    ]) {
      assert.match(findObjection(headers, loopback) ?? '', /web pages/);
    }
    assert.match(findObjection({ host: 'evil.example:9090' }, loopback) ?? '', /its own name/);
    assert.match(findObjection({ host: '127.0.0.1.evil.example' }, loopback) ?? '', /its own name/);
    assert.match(findObjection({ host: '' }, loopback) ?? '', /its own name/);
    assert.match(findObjection({ origin: 'http://server:9090' }, '0.0.0.0') ?? '', /web pages/);
  });
});

describe('openAdminPort()', () => {
  it('answers 403 to what it refuses, and does nothing', async (t) => {
    let asked = 0;
    const port = await openAdminPort('127.0.0.1', 0, {
      'POST /work': (_, response) => {
        asked++;
        reply(response, 200, 'text/plain', 'done');
      },
    });
    t.after(() => {
      port.close();
    });
    const statusOf = async (headers: Record<string, string>): Promise<number | undefined> => {
      const asking = request(`${port.url}/work`, { method: 'POST', headers }).end();
      const [response] = (await once(asking, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    assert.equal(await statusOf({ origin: 'https://evil.example' }), 403);
    assert.equal(await statusOf({ host: 'evil.example' }), 403);
    assert.equal(asked, 0);
    assert.equal(await statusOf({}), 200);
    assert.equal(asked, 1);
  });
});
