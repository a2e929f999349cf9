import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { SummaryLine } from '../../loadgen/report/report-lines.js';
import { runLoadgen } from './loadgen-process.js';
import { greetAndEcho, startWebSocketServer } from './misbehaving-servers.js';
import { makeCertificate } from './make-certificate.js';
import { isMissing } from './program.js';
import { startServer } from './server-process.js';

const fast = ['--connections', '20', '--rate', 'max', '--hold', '200ms'];

async function summaryOf(url: string, ...args: readonly string[]): Promise<SummaryLine> {
  const result = await runLoadgen(url, ...fast, ...args);
  assert.ok(result.summary, `no summary; stderr: ${result.stderr}`);
  assert.deepEqual(result.summary.discrepancies, []);
  return result.summary;
}

/** Fails unless all of the 20 connections opened and were closed by us, and all echoes came. */
function assertEchoed(summary: SummaryLine): void {
  assert.deepEqual(summary.errors, {});
  assert.equal(summary.connections_opened_total, 20);
  assert.equal(summary.connections_closed_total, 20);
  assert.equal(summary.connections_lost_total, 0);
  assert.ok(summary.messages_sent_total > 20);
  assert.equal(summary.echoes_received_total, summary.messages_sent_total);
}

/** Starts a TCP server that does `answer` with each handshake: the socket, and the accept key it asks for. */
async function startRawServer(
  t: TestContext,
  answer: (socket: Socket, accept: string) => void,
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (request) => {
      const key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(request.toString())?.[1] ?? '';
      const suffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
      answer(
        socket,
        createHash('sha1')
          .update(key + suffix)
          .digest('base64'),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function switching(accept: string, ...more: readonly string[]): string {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'upgrade: WebSocket', 'connection: upgrade'];
  return [...lines, `sec-websocket-accept: ${accept}`, ...more, '', ''].join('\r\n');
}

function writeInPieces(socket: Socket, text: string, bytes: number): void {
  if (text === '' || socket.destroyed) return;
  socket.write(text.slice(0, bytes), 'latin1');
  setTimeout(writeInPieces, 2, socket, text.slice(bytes), bytes);
}

describe('tidemark loadgen: opening handshake', () => {
  it('reads a response and a greeting that come in pieces', async (t) => {
    const url = await startRawServer(t, (socket, accept) => {
      socket.setNoDelay();
      // Half a frame comes last.
      writeInPieces(socket, `${switching(accept)}\x81\x05hello\x81`, 7);
      socket.on('data', () => socket.end());
    });
    const summary = await summaryOf(url, '--greeting', 'hello');
    assert.deepEqual(summary.errors, {});
    assert.equal(summary.greetings_received_total, 20);
    assert.equal(summary.connections_closed_total, 20);
  });

  it('reads a greeting that comes along with the response', async (t) => {
    const url = await startRawServer(t, (socket, accept) => {
      socket.end(`${switching(accept)}\x81\x05hello\x88\x02\x03\xe8`, 'latin1');
    });
    const summary = await summaryOf(url, '--greeting', 'hello');
    assert.equal(summary.greetings_received_total, 20);
    assert.deepEqual(summary.errors, { lost: 20 });
  });

  const wrong: [string, (accept: string) => string, Record<string, number>][] = [
    [
      'an extension that was not asked for',
      (accept) => switching(accept, 'Sec-WebSocket-Extensions: permessage-deflate'),
      { protocol: 20 },
    ],
    [
      'a subprotocol that was not asked for',
      (accept) => switching(accept, 'Sec-WebSocket-Protocol: chat'),
      { protocol: 20 },
    ],
    ['no Upgrade', (accept) => switching(accept).replace('upgrade:', 'up:'), { protocol: 20 }],
    ['garbage', () => 'SSH-2.0-OpenSSH_9.6\r\n', { protocol: 20 }],
    ['an endless header', () => `HTTP/1.1 101 x\r\na: ${'b'.repeat(20_000)}`, { protocol: 20 }],
    ['503', () => 'HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy', { rejected: 20 }],
    ['a masked frame', (accept) => `${switching(accept)}\x81\x80abcd`, { protocol: 20 }],
  ];
  for (const [name, answer, errors] of wrong) {
    it(`counts a server that answers with ${name}`, async (t) => {
      const url = await startRawServer(t, (socket, accept) => {
        socket.write(answer(accept), 'latin1');
      });
      assert.deepEqual((await summaryOf(url)).errors, errors);
    });
  }

  it('counts a server that ends in the middle of its response', async (t) => {
    const url = await startRawServer(t, (socket, accept) => {
      socket.end(switching(accept).slice(0, 40));
    });
    assert.deepEqual((await summaryOf(url)).errors, { reset: 20 });
  });
});

describe('tidemark loadgen: open connections', () => {
  it('answers pings and closes', async (t) => {
    const pongs: string[] = [];
    const codes: number[] = [];
    const server = await startWebSocketServer((socket) => {
      socket.on('close', (code) => codes.push(code));
      socket.on('pong', (data) => {
        pongs.push(data.toString());
        socket.close(4321, 'enough');
      });
      socket.ping('still there?');
    });
    t.after(() => server.stop());
    const summary = await summaryOf(server.url);
    assert.deepEqual(pongs, Array<string>(20).fill('still there?'));
    assert.deepEqual(codes, Array<number>(20).fill(4321));
    assert.deepEqual(summary.errors, { lost: 20 });
  });

  it('says goodbye with 1000', async (t) => {
    const codes: number[] = [];
    const server = await startWebSocketServer((socket) => {
      socket.on('close', (code) => codes.push(code));
      socket.on('error', (error) => codes.push(NaN, error.message.length));
    });
    t.after(() => server.stop());
    assert.deepEqual((await summaryOf(server.url)).errors, {});
    assert.deepEqual(codes, Array<number>(20).fill(1000));
  });

  for (const bytes of ['64', '70000']) {
    it(`exchanges messages of ${bytes} bytes, plain and deflated`, async (t) => {
      const server = await startWebSocketServer(greetAndEcho(undefined), true);
      t.after(() => server.stop());
      const args = ['--no-greeting', '--message-rate', '300', '--payload-size', bytes];
      assertEchoed(await summaryOf(server.url, ...args));
      assertEchoed(await summaryOf(server.url, ...args, '--deflate'));
    });
  }

  it('exchanges deflated messages with tidemark server', async () => {
    const server = await startServer('--compression', 'shared', '--greeting', 'hello');
    try {
      const args = ['--greeting', 'hello', '--message-rate', '300', '--deflate'];
      assertEchoed(await summaryOf(server.url, ...args));
    } finally {
      await server.program.stop();
    }
  });

  it('exchanges messages over wss://, and checks certificates unless told not to', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-loadgen-tls-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    const [cert, key] = [join(folder, 'own.pem'), join(folder, 'own.key')];
    makeCertificate(cert, key);
    const server = await startServer('--tls-cert', cert, '--tls-key', key, '--greeting', 'hello');
    try {
      const args = ['--greeting', 'hello', '--message-rate', '300'];
      const summary = await summaryOf(server.url, ...args, '--insecure');
      assertEchoed(summary);
      assert.equal(summary.greetings_received_total, 20);
      assert.deepEqual((await summaryOf(server.url)).errors, { tls: 20 });
      assert.deepEqual((await summaryOf(server.url.replace('wss:', 'ws:'))).errors, { reset: 20 });
    } finally {
      await server.program.stop();
    }
  });
});
