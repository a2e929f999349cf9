import { createRequire } from 'node:module';
import { plainDemand, type Target } from '../../bench/targets/target.js';
import type { AgentClients } from '../../bench/targets/agent/agent-clients.js';
import type { NativeBinding } from '../../server/documents.js';
import { startTarget } from '../../bench/targets/start-target.js';

/** Servers that are held against the rules. */
export const conformanceServers = ['uws', 'ws'] as const;

/** One of {@link conformanceServers}. */
export type ConformanceServer = (typeof conformanceServers)[number];

/** How a server is started, if not in the usual way. */
export interface ConformanceStart {
  /** Agents for its processes. */
  readonly agents?: AgentClients;
  /** Build of uWebSockets.js for our server: a package folder or a `.node` file; the installed package by default. */
  readonly uws?: string | undefined;
}

const { version: wsVersion } = createRequire(import.meta.url)('ws/package.json') as {
  readonly version: string;
};

/**
 * Starts a server that writes nothing on open and takes messages up to 16 KiB.
 * @throws {RunError} if it does not start.
 */
export function startConformanceServer(
  name: ConformanceServer,
  isDeflated: boolean,
  { agents, uws }: ConformanceStart = {},
): Promise<Target> {
  const deflates = name === 'uws' ? 'shared' : 'deflate';
  return startTarget(
    {
      kind: 'bundled',
      name,
      greeting: undefined,
      compression: isDeflated ? deflates : 'off',
      workers: 1,
      uws,
    },
    { ...plainDemand(1000), agents },
  );
}

/** Returns the version of what serves the WebSockets: of the native build that was loaded, or of the package `ws`. */
export function versionOf(name: ConformanceServer, { facts }: Pick<Target, 'facts'>): string {
  if (name === 'ws') return wsVersion;
  return (facts['uws'] as NativeBinding).version;
}
