import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { messageOf, RunError } from '../program/failure.js';

/** The files of a TLS server. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Checks that both files can be read and belong together, which uWebSockets.js would not report.
 * @throws {RunError} if they can't be used.
 */
export function checkTlsFiles({ certFile, keyFile }: TlsFiles): void {
  const cert = read('certificate', certFile, '--tls-cert');
  const key = read('private key', keyFile, '--tls-key');
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new RunError(
      `Cannot use the certificate ${certFile} with the key ${keyFile}: ${messageOf(error)}; both must be PEM and belong together`,
      { cause: error },
    );
  }
}

function read(what: string, file: string, flag: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new RunError(`Cannot read the ${what}: ${messageOf(error)}; correct ${flag}`, {
      cause: error,
    });
  }
}
