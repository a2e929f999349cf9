import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { assertOneLine, isAlive, runProgram } from './program.js';
import { connect, oneWorker, startServer } from './server-process.js';

async function listen(t: TestContext): Promise<number> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('tidemark server, used wrongly', () => {
  const cases: [string[], number, RegExp][] = [
    [['--max-conections', '5'], 2, /unknown option '--max-conections'.*--max-connections/],
    [['--port', '-1'], 2, /--port: "-1" is not a whole number of 0 to 65535/],
    [['--max-connections', '-5'], 2, /--max-connections: "-5"/],
    [['--compression', 'gzip'], 2, /--compression: "gzip" is none of off, shared/],
    [['--tls-cert', '/nowhere/cert.pem'], 2, /--tls-cert and --tls-key go together/],
    [['now'], 2, /too many arguments/],
    [
      ['--port', 'x', '--workers', '0', '--idle-timeout', '1s', '--max-payload', '1 KiB'],
      2,
      /--port: "x".*; --workers: "0".*; --idle-timeout: 1s.*; --max-payload: "1 KiB"/,
    ],
    [
      ['--tls-cert', '/nowhere/cert.pem', '--tls-key', '/nowhere/key.pem'],
      1,
      /Cannot read the certificate: ENOENT.*\/nowhere\/cert\.pem.*; correct --tls-cert/,
    ],
    [['--max-connections', '900000000'], 1, /Cannot hold 900000000 connections with 1 workers: /],
    [['--host', '192.0.2.1'], 1, /Cannot listen on 192\.0\.2\.1 port 0: .*; choose .* --host/],
  ];
  for (const [args, exitStatus, pattern] of cases) {
    it(`says so in one line: ${args.join(' ')}`, async () => {
      const end = await runProgram('server', '--json', ...oneWorker, ...args);
      assert.equal(end.exitStatus, exitStatus, end.stderr);
      assertOneLine(end.stderr, pattern);
      assert.deepEqual(end.lines, []);
    });
  }
});

describe('tidemark server, on ports in use', () => {
  it('refuses a port on which another program listens', async (t) => {
    const port = String(await listen(t));
    const end = await runProgram('server', ...oneWorker, '--port', port);
    assert.equal(end.exitStatus, 1, end.stderr);
    assertOneLine(
      end.stderr,
      new RegExp(`Cannot listen on 127.0.0.1 port ${port}: it is in use; `),
    );
  });

  it('refuses the port of another tidemark server, though the kernel would share it', async () => {
    const server = await startServer();
    const { port } = new URL(server.url);
    const end = await runProgram('server', ...oneWorker, '--port', port);
    assert.equal(end.exitStatus, 1, end.stderr);
    assertOneLine(
      end.stderr,
      new RegExp(`Cannot listen on 127.0.0.1 port ${port}: it is in use; `),
    );
    await connect(server.url);
    assert.equal((await server.stats()).connections, 1);
  });

  it('refuses an admin port in use, and leaves no worker behind', async (t) => {
    const port = String(await listen(t));
    const end = await runProgram('server', ...oneWorker, '--workers', '4', '--admin-port', port);
    assert.equal(end.exitStatus, 1, end.stderr);
    // The workers hold the same standard error, so that its end is theirs too.
    assertOneLine(
      end.stderr,
      new RegExp(`Cannot open the admin port ${port} on 127.0.0.1: it is in use; .*--admin-port`),
    );
  });

  it('listens again on a port that a server has left just now', async () => {
    const first = await startServer();
    const client = await connect(first.url);
    assert.equal((await first.program.stop()).exitStatus, 0);
    assert.equal(await client.closed, 1001);
    assert.ok(!first.document.worker_pids.some(isAlive));
    const { port } = new URL(first.url);
    const second = await startServer('--port', port);
    assert.equal(second.url, first.url);
    assert.equal(await (await connect(second.url)).next(), '{"type":"greeting","message":"hello"}');
  });
});
