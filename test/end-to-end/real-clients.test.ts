/** Servers that want more of a client than an address: logins, origins, subprotocols, a key of its own. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { createResultsFolder, quickRun, startBench } from './bench-process.js';
import { runLoadgen } from './loadgen-process.js';
import { runProgram } from './program.js';

const connections = 20;
const fast = [`--connections=${connections}`, '--rate=max', '--hold=200ms'];

/** Why a path refuses a handshake; undefined if it does not. */
const refusals: Readonly<Record<string, (request: IncomingMessage) => string | undefined>> = {
  '/header': ({ headers }) =>
    headers.authorization?.startsWith('Bearer token-') === true
      ? undefined
      : '401 Unauthorized\r\n\r\ntoken missing',
  '/cookie': ({ headers }) =>
    headers.cookie?.includes('sid=') === true
      ? undefined
      : '403 Forbidden\r\n\r\nno session cookie',
  '/origin': ({ headers }) =>
    headers.origin === undefined ? '403 Forbidden\r\n\r\nOrigin required' : undefined,
  '/proto': ({ headers }) =>
    headers['sec-websocket-protocol']?.includes('graphql-transport-ws') === true
      ? undefined
      : '400 Bad Request\r\n\r\nsubprotocol required',
};

const requests: IncomingMessage[] = [];
const logins: string[] = [];
const http = createServer();
const sockets = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) =>
    offered.has('graphql-transport-ws') ? 'graphql-transport-ws' : 'made-up',
});
http.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
  requests.push(request);
  const { pathname } = new URL(request.url ?? '', 'http://x');
  const refusal = refusals[pathname]?.(request);
  if (refusal !== undefined) {
    socket.end(`HTTP/1.1 ${refusal}`);
    return;
  }
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.on('error', () => undefined);
    if (pathname === '/policy') client.close(4401, 'log in \u001b[2Jfirst');
    if (pathname === '/cut') client.terminate();
    if (pathname === '/cut-soon') setTimeout(client.terminate.bind(client), 300);
    if (pathname === '/away') client.close(1008, 'not now');
    if (pathname === '/login') logIn(client);
  });
});

/** Closes who says anything but its login first; tells a clock that nobody has asked for. */
function logIn(client: WebSocket): void {
  client.once('message', (data: Buffer) => {
    logins.push(data.toString());
    if (!data.toString().startsWith('{"login":"token-')) client.close(4401, 'log in first');
    else for (const text of ['welcome', 'tick', 'tock']) client.send(text);
  });
}

let base: string;
let folder: string;
const results = createResultsFolder();
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-clients-'));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  base = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(() => {
  requests.length = 0;
  logins.length = 0;
});
after(() => {
  http.close();
  http.closeAllConnections();
  results.remove();
  rmSync(folder, { recursive: true });
});

function tokensOf(count: number): string {
  const path = join(folder, `tokens-${count}.txt`);
  writeFileSync(path, Array.from({ length: count }, (_, index) => `token-${index}\n`).join(''));
  return path;
}

/** Fails unless every connection of the run opened and none failed. */
async function opens(path: string, ...args: readonly string[]): Promise<void> {
  const { summary, stderr, exitStatus } = await runLoadgen(`${base}${path}`, ...fast, ...args);
  assert.equal(exitStatus, 0, stderr);
  assert.equal(summary?.connections_opened_total, connections);
  assert.deepEqual(summary.errors, {});
}

describe('tidemark loadgen', () => {
  it('sends a key of 16 random bytes that no other connection has', async () => {
    await opens('/', '--processes=2');
    const keys = requests.map(({ headers }) => headers['sec-websocket-key'] ?? '');
    assert.equal(new Set(keys).size, connections);
    for (const key of keys) assert.equal(Buffer.from(key, 'base64').length, 16);
  });

  it('logs each connection in with a line of its own, shared over processes', async () => {
    await opens(
      '/header',
      `--header=Authorization: Bearer {line:${tokensOf(connections)}}`,
      '--processes=2',
    );
    const tokens = requests.map(({ headers }) => headers.authorization ?? '');
    assert.equal(new Set(tokens).size, connections);
    assert.ok(
      tokens.includes('Bearer token-0') && tokens.includes(`Bearer token-${connections - 1}`),
    );
  });

  it('sends cookies, an origin, a user agent and further headers', async () => {
    await opens(
      '/cookie',
      '--cookie=sid={uuid}; theme=dark',
      '--origin=https://app.example',
      '--user-agent=tide/1',
      '--header=X-One: 1',
      '--header=X-Two: {index}',
    );
    const [first] = requests;
    assert.match(first?.headers.cookie ?? '', /^sid=[\da-f-]{36}; theme=dark$/);
    assert.equal(first?.headers.origin, 'https://app.example');
    assert.equal(first.headers['user-agent'], 'tide/1');
    assert.equal(first.headers['x-one'], '1');
    const numbers = requests.map(({ headers }) => Number(headers['x-two']));
    assert.deepEqual(
      numbers.toSorted((one, other) => one - other),
      Array.from({ length: connections }, (_, index) => index),
    );
  });

  it('puts placeholders into path and query', async () => {
    await opens('/room/{index}?user={uuid}');
    const urls = requests.map(({ url }) => url ?? '');
    assert.equal(new Set(urls).size, connections);
    for (const url of urls) assert.match(url, /^\/room\/\d+\?user=[\da-f-]{36}$/);
  });

  it('offers subprotocols, and fails a connection for which another one is chosen', async () => {
    await opens('/proto', '--subprotocol=graphql-ws,graphql-transport-ws');
    const { summary } = await runLoadgen(`${base}/`, ...fast, '--subprotocol=chat');
    assert.deepEqual(summary?.errors, { protocol: connections });
    assert.deepEqual(summary.error_details, {
      'protocol: HTTP 101 with the subprotocol "made-up", which was not offered': connections,
    });
  });

  const leads: readonly (readonly [string, RegExp])[] = [
    [
      '/header',
      /HTTP 401 Unauthorized: token missing; it wants a login: --header with an Authorization/,
    ],
    ['/cookie', /HTTP 403 Forbidden: no session cookie; --cookie/],
    ['/origin', /HTTP 403 Forbidden: Origin required; --origin/],
    ['/proto', /HTTP 400 Bad Request: subprotocol required; --subprotocol/],
  ];
  for (const [path, message] of leads) {
    it(`leads to the option that ${path} wants`, async () => {
      const { stderr, exitStatus } = await runLoadgen(`${base}${path}`, ...fast);
      assert.equal(exitStatus, 1);
      assert.match(stderr, message);
    });
  }

  it('tells close code and reason of the server, escaped, and does not ask whether it runs', async () => {
    const { summary, stderr } = await runLoadgen(`${base}/policy`, ...fast);
    assert.deepEqual(summary?.errors, { lost: connections });
    assert.deepEqual(summary.error_details, {
      'lost: closed with 4401: log in first': connections,
    });
    assert.match(
      stderr,
      /closed with 4401: log in first; --send TEXT says what the server waits for/,
    );
    assert.ok(!stderr.includes('still running') && !stderr.includes('\u001b'));
  });

  it('says the login that a server waits for, and counts what the server then pushes', async () => {
    const file = join(folder, 'second.txt');
    writeFileSync(file, 'number {index}');
    const login = `--send={"login":"{line:${tokensOf(connections)}}"}`;
    const { summary, stderr, exitStatus } = await runLoadgen(
      `${base}/login`,
      ...fast,
      login,
      `--send=@${file}`,
    );
    assert.equal(exitStatus, 0, stderr);
    assert.deepEqual(summary?.errors, {});
    assert.equal(new Set(logins).size, connections);
    assert.equal(summary.connections_lost_total, 0);
    assert.equal(summary.opening_messages_sent_total, 2 * connections);
    // The first one counts as the greeting.
    assert.equal(summary.greetings_received_total, connections);
    assert.equal(summary.messages_pushed_total, 2 * connections);
    assert.equal(summary.bytes_pushed_total, 8 * connections);
  });

  it('says that a server has closed all connections itself', async () => {
    const { stderr } = await runLoadgen(`${base}/away`, ...fast);
    assert.match(stderr, /closed with 1008: not now; the server closed them itself/);
  });

  for (const path of ['/cut', '/cut-soon']) {
    it(`says that connections were cut off at once, also between two reports (${path})`, async () => {
      const { stderr, exitStatus } = await runLoadgen(`${base}${path}`, ...fast);
      assert.equal(exitStatus, 1);
      assert.match(
        stderr,
        /ended without a close frame; none was open for long: does the server end them/,
      );
    });
  }

  const refused: readonly (readonly [string, () => string[], RegExp])[] = [
    [
      'too few lines',
      () => [`--cookie=sid={line:${tokensOf(3)}}`],
      /has 3 lines for 20 connections/,
    ],
    ['a file that is missing', () => ['--cookie={line:/nonexistent}'], /ENOENT/],
    [
      'a header of the handshake',
      () => ['--header=Sec-WebSocket-Key: x'],
      /belongs to the handshake itself/,
    ],
    ['a header without a value', () => ['--header=token'], /is not NAME: VALUE/],
    ['a broken header', () => ['--header=X: a\r\nY: b'], /control character/],
    ['a message file that is missing', () => ['--send=@/nonexistent'], /--send: ENOENT/],
    ['a broken subprotocol', () => ['--subprotocol=a b'], /no name of a subprotocol/],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what} before anything starts`, async () => {
      const { stderr, exitStatus } = await runLoadgen(`${base}/`, ...fast, ...args());
      assert.equal(exitStatus, 2, stderr);
      assert.match(stderr, message);
      assert.equal(requests.length, 0);
    });
  }
});

describe('tidemark bench', () => {
  it('logs its clients in, and writes no cookie down', async () => {
    const run = startBench(
      results.path,
      ...quickRun,
      `--pid=${process.pid}`,
      `--url=${base}/cookie?room={index}`,
      '--cookie',
      'sid=hush-hush',
      `--header=Authorization: Bearer {line:${tokensOf(200)}}`,
    );
    const { exitStatus, stderr } = await run.program.exit;
    assert.equal(exitStatus, 0, stderr);
    assert.equal(run.summary().connections_opened, 400);
    assert.equal(new Set(requests.map(({ url }) => url)).size, 200);
    for (const name of ['summary.json', 'environment.json', 'report.html']) {
      const text = readFileSync(join(run.folder, name), 'utf8');
      assert.doesNotMatch(text, /hush-hush|token-0/, name);
    }
  });

  it('refuses fewer lines than connections before anything starts', async () => {
    const { exitStatus, stderr } = await runProgram(
      'bench',
      ...quickRun,
      `--header=X: {line:${tokensOf(3)}}`,
    );
    assert.equal(exitStatus, 2);
    assert.match(stderr, /has 3 lines for 200 connections/);
  });
});
