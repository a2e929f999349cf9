import { execFileSync } from 'node:child_process';

/** Writes a certificate for localhost and 127.0.0.1 that nobody has signed, and its key, into two files. */
export function makeCertificate(certFile: string, keyFile: string): void {
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost'.split(' ');
  const files = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certFile];
  execFileSync('openssl', [...request, ...files], { stdio: 'pipe' });
}
