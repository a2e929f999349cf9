import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { RunError } from '../program/failure.js';
import { checkTlsFiles } from './tls-files.js';

// That files which belong together pass, and others do not, is tested in test/end-to-end/server-tls.test.ts, where openssl
// makes certificates.
describe('checkTlsFiles()', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-tls-'));
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'text.pem'), 'no PEM\n');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const cases = [
    ['absent.pem', 'key.pem', /^Cannot read the certificate: ENOENT.*absent\.pem'; correct --tls-/],
    ['text.pem', 'absent.pem', /^Cannot read the private key: ENOENT.*; correct --tls-key$/],
    ['.', 'key.pem', /^Cannot read the certificate: EISDIR.*; correct --tls-cert$/],
    ['text.pem', 'key.pem', /^Cannot use the certificate \S+text\.pem with the key \S+key\.pem: /],
    ['key.pem', 'key.pem', /: .*; both must be PEM and belong together$/],
  ] as const;
  for (const [cert, key, pattern] of cases) {
    it(`refuses ${cert} with ${key}`, () => {
      const files = { certFile: join(folder, cert), keyFile: join(folder, key) };
      assert.throws(
        () => {
          checkTlsFiles(files);
        },
        (error) => {
          assert.ok(error instanceof RunError);
          assert.match(error.message, pattern);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        },
      );
    });
  }
});
