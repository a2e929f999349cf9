import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Writes a certificate for 127.0.0.1 that nobody has signed, `cert.pem`, and its key, `key.pem`, into a folder. */
export function makeCertificate(folder: string): void {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'],
      ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
    ],
    { stdio: 'ignore' },
  );
}
