/** How clients reach a server: names with several addresses, certificates, logins, and what is kept of them. */
import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { createResultsFolder, quickRun, startBench } from './bench-process.js';
import { runLoadgen } from './loadgen-process.js';
import { makeCertificate } from './make-certificate.js';
import { isMissing, runProgram } from './program.js';
import { startServer } from './server-process.js';

const results = createResultsFolder();
after(results.remove);

const few = ['--connections=20', '--rate=max', '--hold=0s'] as const;

describe('a name with several addresses', () => {
  it('leads to a server that listens on any one of them alone', async () => {
    for (const { address: host } of await lookup('localhost', { all: true })) {
      const server = await startServer('--host', host);
      const { port } = new URL(server.url);
      const { summary, stderr } = await runLoadgen(`ws://localhost:${port}`, ...few);
      assert.equal(summary?.connections_opened_total, 20, stderr);
    }
  });
});

describe('a URL with a fragment', () => {
  it('is refused by loadgen and bench before anything starts', async () => {
    const url = 'ws://127.0.0.1:1/#top';
    for (const words of [
      ['loadgen', url],
      ['bench', `--url=${url}`, '--exec=true'],
    ]) {
      const end = await runProgram(...words);
      assert.equal(end.exitStatus, 2);
      assert.match(end.stderr, /has a fragment, which WebSocket URLs may not/);
    }
  });
});

describe('a certificate that nobody well known has signed', () => {
  function createCertificate(t: TestContext): string {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-tls-'));
    t.after(() => {
      rmSync(folder, { recursive: true });
    });
    makeCertificate(join(folder, 'cert.pem'), join(folder, 'key.pem'));
    return folder;
  }

  it('is refused with the reason, and taken with --ca or --insecure, by bench too', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const folder = createCertificate(t);
    const cert = join(folder, 'cert.pem');
    const files = ['--tls-cert', cert, '--tls-key', join(folder, 'key.pem')];
    const server = await startServer(...files);

    const refused = await runLoadgen(server.url, ...few);
    assert.equal(refused.exitStatus, 1);
    assert.match(
      refused.summary?.reason ?? '',
      /20 × tls \(The TLS handshake failed\): self-signed certificate \(DEPTH_ZERO_SELF_SIGNED_CERT\); --ca FILE names who has signed it, --insecure accepts any certificate$/,
    );
    assert.deepEqual(refused.summary?.error_details, {
      'tls: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)': 20,
    });
    for (const flag of [`--ca=${cert}`, '--insecure']) {
      const { summary } = await runLoadgen(server.url, ...few, flag);
      assert.equal(summary?.connections_opened_total, 20, flag);
      const pid = `--pid=${server.document.supervisor_pid}`;
      const run = startBench(
        results.path,
        ...quickRun,
        '--waves=1',
        pid,
        `--url=${server.url}`,
        flag,
      );
      assert.equal((await run.program.exit).exitStatus, 0);
      assert.equal(run.summary().connections_opened, 200, flag);
    }
  });

  it('can not be a file that holds none', async () => {
    for (const [file, complaint] of [
      ['/no/such/file', /--ca: ENOENT/],
      ['/etc/hostname', /holds no certificate in PEM form/],
    ] as const) {
      const end = await runProgram(
        'bench',
        `--ca=${file}`,
        '--exec=true',
        '--url=wss://127.0.0.1:1',
      );
      assert.equal(end.exitStatus, 2);
      assert.match(end.stderr, complaint);
    }
  });
});

describe('what a server answers instead of opening', () => {
  it('is told with its status and first line, by bench and in its report too', async () => {
    const http = createServer((_, response) => {
      response.writeHead(401, { 'content-type': 'text/plain' }).end('no \u001b[31mtoken\nmore');
    });
    http.on('upgrade', (_, socket) => {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 14\r\n\r\nno \u001b[31mtoken');
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const { summary, stderr } = await runLoadgen(url, ...few);
    const said = 'HTTP 401 Unauthorized: no token';
    assert.deepEqual(summary?.error_details, { [`rejected: ${said}`]: 20 });
    assert.match(stderr, new RegExp(`: ${said}; it wants a login`));
    http.close();
  });
});

describe('secrets', () => {
  it('reach neither a file nor the terminal', async () => {
    const secrets = ['pa55word', 't0k3n-of-mine', 'env-s3cret', 'comm4nd-secret'];
    const server = await startServer();
    const { port } = new URL(server.url);
    const url = `ws://bob:pa55word@127.0.0.1:${port}/?token=t0k3n-of-mine`;
    process.env['TIDEMARK_SOURCE_TOKEN'] = 'env-s3cret';
    const ok = startBench(
      results.path,
      ...quickRun,
      '--waves=1',
      `--pid=${server.document.supervisor_pid}`,
      `--url=${url}`,
    );
    const failing = startBench(
      results.path,
      `--exec=echo "Authorization: comm4nd-secret" ${url} >&2; exit 1`,
      `--url=${url}`,
    );
    const loadgen = await runProgram('loadgen', url, ...few, '--json');
    delete process.env['TIDEMARK_SOURCE_TOKEN'];
    for (const run of [ok, failing]) {
      const { stderr, lines } = await run.program.exit;
      const texts = readdirSync(run.folder).map((name) =>
        readFileSync(join(run.folder, name), 'utf8'),
      );
      for (const text of [...texts, stderr, ...lines, ...loadgen.lines, loadgen.stderr]) {
        for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} in ${text}`);
      }
      assert.ok(texts.some((text) => text.includes('***')));
    }
    assert.equal(ok.summary().connections_opened, 200);
    assert.match(
      loadgen.lines.join('\n'),
      /"url": "ws:\/\/\*\*\*@127\.0\.0\.1:\d+\/\?token=\*\*\*"/,
    );
  });
});
