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

/** A server whose behaviour is known, with nothing planted; `target` is what it is given, `args` what the bench is. */
export function known(
  name: string,
  server: KnownServerName,
  target: readonly string[] = [],
  args: readonly string[] = [],
): MeasuredServer {
  const { missing, command } = knownServers[server];
  return {
    name,
    missing: missing(),
    argumentsIn: async (folder) => {
      const port = await findFreePort('127.0.0.1', 0);
      const line = command(port, target, folder);
      return [`--exec=exec ${line.join(' ')}`, `--url=ws://127.0.0.1:${port}`, ...args];
    },
  };
}

/** The same with TLS; its certificate is made by whoever makes the folder. */
export function knownSecure(
  name: string,
  server: KnownServerName,
  target: readonly string[] = [],
): MeasuredServer {
  const { missing, command } = knownServers[server];
  return {
    name,
    missing: missing(),
    argumentsIn: async (folder) => {
      const port = await findFreePort('127.0.0.1', 0);
      const line = command(port, target, folder).join(' ');
      // Where a server takes its certificate from, unless its command line has said so.
      const files = [join(folder, 'cert.pem'), join(folder, 'key.pem')].join(',');
      return [
        `--exec=KNOWN_TLS=${files} exec ${line}`,
        `--url=wss://127.0.0.1:${port}`,
        '--insecure',
      ];
    },
  };
}
