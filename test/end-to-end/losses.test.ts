/** What is said of connections that the other side ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { WebSocket } from 'ws';
import { waitUntilListening } from '../../program/wait-until-listening.js';
import { freePort } from './bench-process.js';
import { runLoadgen } from './loadgen-process.js';
import { greetAndEcho, startWebSocketServer, type TestServer } from './misbehaving-servers.js';
import { isMissing, runProgram } from './program.js';

const fast = ['--connections=40', '--rate=max', '--processes=2', '--no-greeting'];

let server: TestServer;
before(async () => {
  server = await startWebSocketServer(greetAndEcho(undefined));
});
after(() => server.stop());

/** Starts Debian's nginx before the server, which ends what is silent for 3 s, and returns its address. */
async function startNginx(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1000; }
http { access_log off; ${temporary}
  server { listen 127.0.0.1:${port};
    location / { proxy_pass ${server.url.replace('ws:', 'http:')}; proxy_http_version 1.1; proxy_read_timeout 3s;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } } }`,
  );
  const nginx = spawn('nginx', ['-e', `${folder}/error.log`, '-c', config], { stdio: 'ignore' });
  t.after(() => {
    nginx.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `ws://127.0.0.1:${port}/`;
  await waitUntilListening(url, 10_000);
  return url;
}

describe('a proxy that ends silent connections', () => {
  it('is named as a time limit', async (t) => {
    if (isMissing(t, 'nginx', 'nginx', '-v')) return;
    const url = await startNginx(t);
    const { exitStatus, stderr, summary } = await runLoadgen(url, ...fast, '--hold=10s');
    assert.equal(exitStatus, 1);
    assert.match(stderr, /all about (2\.9|3|3\.1) s after opening: a time limit .* proxy/);
    assert.equal(summary?.connections_lost_total, 40);
    // The hint that it gives is right.
    const pinging = await runLoadgen(url, ...fast, '--hold=5s', '--ping=1500ms');
    assert.equal(pinging.exitStatus, 0, pinging.stderr);
    assert.equal(pinging.summary?.connections_lost_total, 0);
  });
});

describe('connections that the server closes', () => {
  const cases: [string, (socket: WebSocket) => void, RegExp][] = [
    [
      'as soon as they are open',
      (socket) => {
        socket.terminate();
      },
      /ended without a close frame; none was open for long: does the server end them/,
    ],
    [
      'after a while',
      (socket) => {
        setTimeout(() => {
          socket.close(1001, 'idle');
        }, 1500);
      },
      /closed with 1001: idle; all about 1\.[5-7] s after opening: a time limit/,
    ],
    [
      'because they have not logged in',
      (socket) => {
        setTimeout(() => {
          socket.close(4401, 'log in first');
        }, 1000);
      },
      /closed with 4401: log in first; --send TEXT says what the server waits for/,
    ],
  ];
  for (const [when, onOpen, hint] of cases) {
    it(`say so: ${when}`, async (t) => {
      const closing = await startWebSocketServer(onOpen);
      t.after(() => closing.stop());
      const { exitStatus, stderr } = await runLoadgen(closing.url, ...fast, '--hold=20s');
      assert.equal(exitStatus, 1);
      assert.match(stderr, hint);
      assert.doesNotMatch(stderr, /still running/);
    });
  }

  it('are listed by code and reason, the most frequent five', async (t) => {
    let opened = 0;
    const closing = await startWebSocketServer((socket) => {
      opened++;
      // 20 × 4000, then one each of eight others, the last of which stay.
      const code = opened <= 20 ? 4000 : 4000 + opened - 20;
      if (opened <= 28)
        setTimeout(() => {
          socket.close(code, `code\u202e ${code}`);
        }, 20 * opened);
    });
    t.after(() => closing.stop());
    const { stderr: text } = await runProgram('loadgen', closing.url, ...fast, '--hold=1500ms');
    assert.match(text, /20 × lost: closed with 4000: code.* 4000/);
    assert.equal(
      text.split('\n').filter((line) => /^ +1 × lost: closed with/.test(line)).length,
      4,
    );
    assert.match(text, /and 4 others/);
    assert.doesNotMatch(text, /\u202e/);
    assert.doesNotMatch(text, /time limit/);
  });
});
