/** What clients say after they have connected: openings, replies, messages of every kind, and well-known protocols. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { Server as SocketServer } from 'socket.io';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import { runLoadgen } from './loadgen-process.js';

const connections = 20;
const fast = [`--connections=${connections}`, '--rate=max', '--hold=600ms', '--processes=2'];

/** What a server says and does on each path. */
const habits: Readonly<Record<string, (client: WebSocket) => void>> = {
  /** Asks for a name, then for a password that depends on what it has said, then lets in. */
  '/steps': (client) => {
    const code = String(Math.random()).slice(2, 8);
    client.send('name?');
    client.once('message', (name: Buffer) => {
      client.send(`code ${code}`);
      client.on('message', (data: Buffer) => {
        const answer = data.toString();
        if (answer === `code is ${code}`) client.send(`welcome ${name.toString()}`);
        else if (answer === 'ready') client.send('go');
        else client.close(4400, `not ${answer}`);
      });
    });
  },
  /** Echoes, and tells the time besides. */
  '/ticker': (client) => {
    const clock = setInterval(() => {
      client.send(`tick ${Date.now()}`);
    }, 50);
    client.on('close', () => {
      clearInterval(clock);
    });
    client.on('message', (data, isBinary) => {
      client.send(data, { binary: isBinary });
    });
  },
  /** Answers each request with a text that differs from it. */
  '/rpc': (client) => {
    client.on('message', (data: Buffer) => {
      client.send(`{"answer to":${data.toString()}}`);
    });
  },
  '/mute': () => undefined,
};

const http = createServer();
const sockets = new WebSocketServer({ noServer: true });
const graphql = new WebSocketServer({ noServer: true });
let pings = 0;
http.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
  const { pathname } = new URL(request.url ?? '', 'http://x');
  if (pathname === '/socket.io/') return;
  if (pathname === '/graphql') {
    graphql.handleUpgrade(request, socket, head, (client) => {
      graphql.emit('connection', client, request);
    });
    return;
  }
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.on('error', () => undefined);
    client.on('ping', () => {
      pings++;
    });
    habits[pathname]?.(client);
  });
});
useServer({ schema: buildSchema('type Query { hello: String }') }, graphql, 100);
// A client that does not answer its pings within 200 ms is thrown out.
const io = new SocketServer(http, { pingInterval: 100, pingTimeout: 200, destroyUpgrade: false });
let joined = 0;
io.on('connection', (client) => {
  joined++;
  client.on('echo', (...args: unknown[]) => {
    client.emit('echoed', ...args);
  });
});

let base: string;
before(async () => {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  base = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
after(async () => {
  for (const client of [...sockets.clients, ...graphql.clients]) client.terminate();
  await io.close();
});

async function run(path: string, ...args: readonly string[]): Promise<SummaryLine> {
  const { summary, stderr, exitStatus } = await runLoadgen(`${base}${path}`, ...fast, ...args);
  assert.equal(exitStatus, 0, stderr);
  assert.ok(summary);
  assert.deepEqual(summary.discrepancies, []);
  return summary;
}

describe('the opening', () => {
  const steps = ['--await=^name', '--send=client {index}', '--reply=^code (\\d+)=>code is $1'];

  it('waits and sends in the order given, and answers with what it was told', async () => {
    const summary = await run('/steps', ...steps, '--await=^welcome client \\d+$', '--send=ready');
    assert.deepEqual(summary.errors, {});
    assert.equal(summary.openings_completed_total, connections);
    assert.equal(summary.openings_awaited, 0);
    assert.equal(summary.opening_messages_sent_total, 2 * connections);
    assert.equal(summary.replies_sent_total, connections);
  });

  it('fails a connection that waits in vain, and keeps it open', async () => {
    const summary = await run('/steps', ...steps, '--await=^never', '--handshake-timeout=300ms');
    assert.deepEqual(summary.errors, { opening_incomplete: connections });
    assert.equal(summary.connections_lost_total, 0);
    assert.equal(summary.openings_completed_total, 0);
  });

  it('sends messages only to connections that are through', async () => {
    const message = ['--message-rate=500', '--message=x'];
    const summary = await run('/steps', '--await=^never', '--handshake-timeout=300ms', ...message);
    assert.equal(summary.messages_sent_total, 0);
  });
});

describe('messages', () => {
  it('are compared as text, while what the server pushes is no error', async () => {
    const summary = await run('/ticker', '--message-rate=200', '--message=hello {index} {uuid}');
    assert.deepEqual(summary.errors, {});
    assert.ok(summary.echoes_received_total > 50);
    assert.equal(summary.echoes_received_total, summary.messages_sent_total);
    assert.ok(summary.messages_pushed_total > connections);
    assert.equal(summary.latency.echo.count, summary.echoes_received_total);
  });

  it('are binary otherwise', async () => {
    const summary = await run('/ticker', '--message-rate=200', '--message-binary=1KiB');
    assert.deepEqual(summary.errors, {});
    assert.equal(summary.echoes_received_total, summary.messages_sent_total);
  });

  it('take any answer with --expect reply', async () => {
    const summary = await run(
      '/rpc',
      '--message-rate=200',
      '--message=[{index}]',
      '--expect=reply',
    );
    assert.deepEqual(summary.errors, {});
    assert.ok(summary.messages_sent_total > 50);
    assert.equal(summary.echoes_received_total, summary.messages_sent_total);
    assert.equal(summary.messages_pushed_total, 0);
  });

  it('take no answer with --expect none', async () => {
    const summary = await run('/mute', '--message-rate=200', '--message=x', '--expect=none');
    assert.deepEqual(summary.errors, {});
    assert.ok(summary.messages_sent_total > 50);
    assert.equal(summary.echoes_received_total, 0);
  });

  it('are missing where none comes', async () => {
    const summary = await run('/mute', '--message-rate=200', '--message=x');
    assert.deepEqual(summary.errors, { echo_missing: summary.messages_sent_total });
  });
});

describe('--ping', () => {
  it('pings every connection, and counts the pongs', async () => {
    const summary = await run('/mute', '--ping=200ms');
    // Twice in 600 ms or more; the turn of a connection may shift by one.
    assert.ok(summary.pings_sent_total >= connections, String(summary.pings_sent_total));
    assert.equal(summary.pongs_received_total, summary.pings_sent_total);
    assert.equal(pings, summary.pings_sent_total);
  });
});

describe('--preset', () => {
  it('joins a socket.io server and answers its pings', async () => {
    joined = 0;
    const summary = await run('', '--preset=socket.io', '--hold=1s');
    assert.deepEqual(summary.errors, {});
    assert.equal(joined, connections);
    assert.equal(summary.openings_completed_total, connections);
    assert.ok(summary.replies_sent_total >= 3 * connections, String(summary.replies_sent_total));
  });

  it('is lost by that server without the replies', async () => {
    const { summary, exitStatus } = await runLoadgen(
      `${base}/socket.io/?EIO=4&transport=websocket`,
      ...fast,
      '--hold=2s',
      '--await=^0',
      '--send=40',
    );
    assert.equal(exitStatus, 1);
    assert.equal(summary?.connections_lost_total, connections);
  });

  it('sends events of socket.io, which are answered', async () => {
    const summary = await run(
      '',
      '--preset=socket.io',
      '--message-rate=100',
      '--message=42["echo",{index}]',
      '--expect=reply',
    );
    assert.deepEqual(summary.errors, {});
    assert.equal(summary.echoes_received_total, summary.messages_sent_total);
  });

  it('initialises graphql-ws and is kept', async () => {
    const summary = await run('/graphql', '--preset=graphql-ws', '--hold=1s');
    assert.deepEqual(summary.errors, {});
    assert.equal(summary.openings_completed_total, connections);
    assert.equal(summary.connections_lost_total, 0);
  });

  it('queries graphql-ws, and takes its answers', async () => {
    const summary = await run(
      '/graphql',
      '--preset=graphql-ws',
      '--message-rate=50',
      '--message={"id":"{uuid}","type":"subscribe","payload":{"query":"{hello}"}}',
      '--expect=reply',
    );
    assert.deepEqual(summary.errors, {});
    assert.equal(summary.echoes_received_total, summary.messages_sent_total);
  });

  it('refuses one that it does not know', async () => {
    const { stderr, exitStatus } = await runLoadgen(base, '--preset=irc');
    assert.equal(exitStatus, 2);
    assert.match(stderr, /--preset: .*socket\.io/);
  });
});
