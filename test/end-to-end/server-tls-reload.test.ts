import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { isMissing, until } from './program.js';
import { makeCertificate } from './make-certificate.js';
import {
  assertReconciled,
  type Client,
  connect,
  refusalStatus,
  type RunningServer,
  startServer,
} from './server-process.js';

const insecure = { rejectUnauthorized: false };

/** A folder with the files that a server has, `cert.pem` and `key.pem`, and further pairs to replace them with. */
class Certificates {
  readonly cert: string;
  readonly key: string;
  readonly folder: string;

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'tidemark-tls-'));
    t.after(() => {
      rmSync(this.folder, { recursive: true });
    });
    this.cert = join(this.folder, 'cert.pem');
    this.key = join(this.folder, 'key.pem');
  }

  get flags(): readonly string[] {
    return ['--tls-cert', this.cert, '--tls-key', this.key];
  }

  /** Makes a pair in a folder of its own; returns the folder and the certificate's serial number. */
  make(name: string): { readonly folder: string; readonly serial: string } {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    makeCertificate(join(folder, 'cert.pem'), join(folder, 'key.pem'));
    const { serialNumber } = new X509Certificate(readFileSync(join(folder, 'cert.pem')));
    return { folder, serial: serialNumber };
  }

  /** Makes a pair and puts it in the place of the server's; returns the serial number. */
  replace(name: string): string {
    const { folder, serial } = this.make(name);
    copyFileSync(join(folder, 'cert.pem'), this.cert);
    copyFileSync(join(folder, 'key.pem'), this.key);
    return serial;
  }
}

/** Returns the serial number of the certificate that a new connection gets. */
function serialAt(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: hostname, port: Number(port), ...insecure }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

/** Fails unless every new connection gets the certificate with this serial number: enough of them reach each worker. */
async function assertServes(url: string, serial: string): Promise<void> {
  const serials = await Promise.all(Array.from({ length: 20 }, () => serialAt(url)));
  assert.deepEqual(new Set(serials), new Set([serial]));
}

async function connectSome(url: string, count: number): Promise<Client[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => connect(url, insecure)));
  for (const client of clients) await client.next();
  return clients;
}

async function assertEchoes(clients: readonly Client[]): Promise<void> {
  for (const client of clients) {
    client.socket.send('still there');
    assert.equal(await client.next(), 'still there');
  }
}

async function reloadsOf(server: RunningServer): Promise<[number, number]> {
  const stats = await server.stats();
  return [stats.tls_reloads_total, stats.tls_reload_failures_total];
}

async function untilReloaded(server: RunningServer, done: number, failed = 0): Promise<void> {
  await until(async () => {
    const [reloads, failures] = await reloadsOf(server);
    return reloads === done && failures === failed;
  });
}

function errorLines(server: RunningServer): string[] {
  return server.program
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('tidemark: '));
}

describe('tidemark server: a certificate that is replaced', () => {
  it('is taken up on SIGHUP by all workers, and no open connection is lost', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const certificates = new Certificates(t);
    const first = certificates.replace('first');
    const server = await startServer('--workers', '2', ...certificates.flags);
    await assertServes(server.url, first);
    const clients = await connectSome(server.url, 20);
    for (const [index, name] of ['second', 'third'].entries()) {
      const serial = certificates.replace(name);
      server.program.child.kill('SIGHUP');
      await untilReloaded(server, index + 1);
      await assertServes(server.url, serial);
      clients.push(...(await connectSome(server.url, 20)));
      // Nothing that an older connection needs may be garbage.
      await server.admin('/collect-garbage', 'POST');
      await assertEchoes(clients);
      assert.match(
        server.program.stderr(),
        new RegExp(
          `^New connections get the certificate with serial number ${serial}, valid `,
          'm',
        ),
      );
    }
    const stats = await server.stats();
    assert.equal(stats.connections, 60);
    assert.equal(stats.messages_echoed_total, 40 + 60);
    assertReconciled(stats);
    assert.equal((await server.admin('/healthz')).status, 200);
    const metrics = await (await server.admin('/metrics')).text();
    assert.match(metrics, /^tidemark_server_tls_reloads_total 2$/m);
    assert.match(metrics, /^tidemark_server_tls_reload_failures_total 0$/m);
    const end = await server.program.stop();
    const codes = await Promise.all(clients.map((client) => client.closed));
    assert.deepEqual(new Set(codes), new Set([1001]));
    assert.equal(end.exitStatus, 0, end.stderr);
    assert.deepEqual(errorLines(server), []);
  });

  it('is noticed by itself where the files are renamed into place', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const certificates = new Certificates(t);
    certificates.replace('first');
    const server = await startServer(...certificates.flags);
    const clients = await connectSome(server.url, 3);
    const { folder, serial } = certificates.make('second');
    renameSync(join(folder, 'cert.pem'), certificates.cert);
    renameSync(join(folder, 'key.pem'), certificates.key);
    await untilReloaded(server, 1);
    await assertServes(server.url, serial);
    await assertEchoes(clients);
  });

  it('is noticed by itself where a symbolic link on the way leads elsewhere', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const certificates = new Certificates(t);
    const first = certificates.make('first');
    // As Kubernetes does it: cert.pem leads to ..data/cert.pem, and ..data to a folder that is another after an update.
    const data = join(certificates.folder, '..data');
    symlinkSync(first.folder, data);
    symlinkSync(join('..data', 'cert.pem'), certificates.cert);
    symlinkSync(join('..data', 'key.pem'), certificates.key);
    const server = await startServer(...certificates.flags);
    await assertServes(server.url, first.serial);
    const clients = await connectSome(server.url, 3);
    const second = certificates.make('second');
    symlinkSync(second.folder, `${data}_tmp`);
    renameSync(`${data}_tmp`, data);
    rmSync(first.folder, { recursive: true });
    await untilReloaded(server, 1);
    await assertServes(server.url, second.serial);
    await assertEchoes(clients);
  });

  it('is left alone where it is broken, which is said in one line, until it is mended', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const certificates = new Certificates(t);
    const first = certificates.replace('first');
    const server = await startServer('--workers', '2', ...certificates.flags);
    const clients = await connectSome(server.url, 10);
    const { folder, serial } = certificates.make('second');
    copyFileSync(join(folder, 'cert.pem'), certificates.cert);
    server.program.child.kill('SIGHUP');
    await untilReloaded(server, 0, 1);
    await assertServes(server.url, first);
    // By itself, too.
    writeFileSync(certificates.cert, 'no certificate\n');
    await untilReloaded(server, 0, 2);
    await assertServes(server.url, first);
    await assertEchoes(clients);
    copyFileSync(join(folder, 'cert.pem'), certificates.cert);
    copyFileSync(join(folder, 'key.pem'), certificates.key);
    await untilReloaded(server, 1, 2);
    await assertServes(server.url, serial);
    await assertEchoes(clients);
    const end = await server.program.stop();
    assert.equal(end.exitStatus, 0, end.stderr);
    const lines = errorLines(server);
    assert.equal(lines.length, 2, end.stderr);
    for (const line of lines) {
      assert.match(line, /^tidemark: Cannot use the certificate .*; new connections get the certi/);
    }
  });

  it('loses no client that connects meanwhile', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const certificates = new Certificates(t);
    certificates.replace('first');
    const server = await startServer('--workers', '2', ...certificates.flags);
    let isOver = false;
    let opened = 0;
    const connectOnAndOn = async (): Promise<void> => {
      while (!isOver) {
        const client = await connect(server.url, insecure);
        await client.next();
        opened++;
        client.socket.terminate();
      }
    };
    const clients = Array.from({ length: 10 }, connectOnAndOn);
    for (let reloads = 1; reloads <= 10; reloads++) {
      server.program.child.kill('SIGHUP');
      await untilReloaded(server, reloads);
    }
    isOver = true;
    await Promise.all(clients);
    assert.ok(opened > 20, `${opened}`);
    await until(async () => (await server.stats()).connections === 0);
    assert.equal((await server.stats()).connections_opened_total, opened);
  });

  it('leaves the limits as they are', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const certificates = new Certificates(t);
    certificates.replace('first');
    const limits = ['--max-connections', '3', '--max-per-address', '2'];
    const server = await startServer(...limits, ...certificates.flags);
    await connectSome(server.url, 1);
    server.program.child.kill('SIGHUP');
    await untilReloaded(server, 1);
    await connectSome(server.url, 1);
    assert.equal(await refusalStatus(server.url, insecure), 429);
    const other = { ...insecure, localAddress: '127.0.0.2' };
    await connect(server.url, other);
    assert.equal(await refusalStatus(server.url, other), 503);
  });

  it('has a worker that dies wait to be replaced where it is broken, and the others serve on', async (t) => {
    if (isMissing(t, 'openssl', 'openssl', 'version')) return;
    const certificates = new Certificates(t);
    certificates.replace('first');
    const server = await startServer('--workers', '2', ...certificates.flags);
    const clients = await connectSome(server.url, 20);
    writeFileSync(certificates.cert, 'no certificate\n');
    await untilReloaded(server, 0, 1);
    const [victim] = (await server.stats()).workers;
    assert.ok(victim);
    process.kill(victim.pid, 'SIGKILL');
    await until(() => errorLines(server).some((line) => line.includes('a worker is missing')));
    assert.equal((await server.admin('/healthz')).status, 503);
    await assertEchoes(clients.filter(({ socket }) => socket.readyState === socket.OPEN));
    const serial = certificates.replace('second');
    await until(async () => (await server.admin('/healthz')).status === 200);
    await untilReloaded(server, 1, 1);
    await assertServes(server.url, serial);
    assert.equal((await server.program.stop()).exitStatus, 0);
  });
});
