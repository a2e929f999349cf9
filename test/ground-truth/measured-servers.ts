import { join } from 'node:path';
import { findFreePort } from '../../server/free-port.js';
import { type KnownServerName, knownServers } from './known-servers.js';

/** A server as `tidemark bench` is to measure it, and what it is called in a table. */
export interface MeasuredServer {
  readonly name: string;
  /** What is missing for it on this machine, in words; undefined if nothing is. */
  readonly missing: string | undefined;
  /** Returns the arguments of the bench. What has to be compiled goes into the folder, in which `cert.pem` and `key.pem` are for TLS. */
  readonly argumentsIn: (folder: string) => Promise<readonly string[]> | readonly string[];
}

/** A target that the bench starts by name. */
export function bundled(name: string, args: readonly string[], missing?: string): MeasuredServer {
  return { name, missing, argumentsIn: () => args };
}

/** A server whose behaviour is known; `target` is what it is told to do, which may be nothing. */
export function known(
  name: string,
  server: KnownServerName,
  target: readonly string[] = [],
  isSecure = false,
): MeasuredServer {
  const { missing, command } = knownServers[server];
  return {
    name,
    missing: missing(),
    argumentsIn: async (folder) => {
      const port = await findFreePort('127.0.0.1', 0);
      const line = `exec ${command(port, target, folder).join(' ')}`;
      if (!isSecure) return [`--exec=${line}`, `--url=ws://127.0.0.1:${port}`];
      // Where a server takes its certificate from, unless its command line says so.
      const files = [join(folder, 'cert.pem'), join(folder, 'key.pem')].join(',');
      return [`--exec=KNOWN_TLS=${files} ${line}`, `--url=wss://127.0.0.1:${port}`, '--insecure'];
    },
  };
}
