import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { assertOneLine, isMissing, runProgram } from './program.js';
import { makeCertificate } from './make-certificate.js';
import { connect, oneWorker, startServer } from './server-process.js';

/** Creates self-signed certificates in a folder of their own, each with its key. */
function createCertificates(t: TestContext, names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-tls-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  for (const name of names) {
    makeCertificate(join(folder, `${name}.pem`), join(folder, `${name}.key`));
  }
  return folder;
}

describe('tidemark server: TLS', () => {
  for (const mode of ['off', 'shared']) {
    it(`greets and echoes over wss:// with --compression ${mode}`, async (t) => {
      if (isMissing(t, 'openssl', 'openssl', 'version')) return;
      const folder = createCertificates(t, ['own']);
      const cert = join(folder, 'own.pem');
      const files = ['--tls-cert', cert, '--tls-key', join(folder, 'own.key')];
      const server = await startServer(...files, '--compression', mode, '--greeting', 'hello');
      assert.match(server.url, /^wss:\/\/127\.0\.0\.1:\d+$/);
      // The client checks the certificate: this server is the one that has it.
      const ca = readFileSync(cert);
      const client = await connect(server.url, { ca, perMessageDeflate: { threshold: 0 } });
      assert.equal(client.socket.extensions !== '', mode === 'shared');
      assert.equal(await client.next(), 'hello');
      const messages = ['ping', 'tide '.repeat(2000), Buffer.from([0, 1, 2, 255])];
      for (const message of messages) client.socket.send(message);
      for (const message of messages) assert.deepEqual(await client.next(), message);
      const end = await server.program.stop();
      assert.equal(await client.closed, 1001);
      assert.equal(end.exitStatus, 0, end.stderr);
    });
  }

  it('takes only suites that have a fresh key for each connection', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const folder = createCertificates(t, ['own']);
    const cert = join(folder, 'own.pem');
    const server = await startServer('--tls-cert', cert, '--tls-key', join(folder, 'own.key'));
    const ca = readFileSync(cert);
    const offer = (ciphers: string) => {
      const suites = { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` } as const;
      return connect(server.url, { ca, ...suites });
    };
    const withoutThem = ['AES128-SHA', 'AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA'];
    for (const ciphers of withoutThem) await assert.rejects(offer(ciphers), /handshake failure/);
    await offer('ECDHE-RSA-AES128-GCM-SHA256');
    await connect(server.url, { ca, minVersion: 'TLSv1.3' });
    assert.equal((await server.stats()).connections_opened_total, 2);
  });

  it('serves no plain ws://', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const folder = createCertificates(t, ['own']);
    const files = ['--tls-cert', join(folder, 'own.pem'), '--tls-key', join(folder, 'own.key')];
    const server = await startServer(...files);
    await assert.rejects(connect(server.url.replace('wss:', 'ws:')), /socket hang up|ECONNRESET/);
    assert.equal((await server.stats()).connections_opened_total, 0);
  });

  it('refuses a key that is not of the certificate, in one line', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const folder = createCertificates(t, ['own', 'other']);
    const files = ['--tls-cert', join(folder, 'own.pem'), '--tls-key', join(folder, 'other.key')];
    const end = await runProgram('server', '--json', ...oneWorker, ...files);
    assert.equal(end.exitStatus, 1, end.stderr);
    assertOneLine(end.stderr, /Cannot use the certificate .*own\.pem with the key .*other\.key: /);
    assert.deepEqual(end.lines, []);
  });
});
