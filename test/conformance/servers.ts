import { plainDemand, type Target } from '../../bench/targets/target.js';
import { startTarget } from '../../bench/targets/start-target.js';

/** Servers that are held against the rules. */
export const conformanceServers = ['uws', 'ws'] as const;

/** One of {@link conformanceServers}. */
export type ConformanceServer = (typeof conformanceServers)[number];

/**
 * Starts a server that writes nothing on open and takes messages up to 16 KiB.
 * @throws {RunError} if it does not start.
 */
export function startConformanceServer(
  name: ConformanceServer,
  isDeflated: boolean,
): Promise<Target> {
  const deflates = name === 'uws' ? 'shared' : 'deflate';
  return startTarget(
    {
      kind: 'bundled',
      name,
      greeting: undefined,
      compression: isDeflated ? deflates : 'off',
      workers: 1,
    },
    plainDemand(1000),
  );
}

/**
 * What uWebSockets.js 20.30 does against the rules, by the names of the cases: it does not look whether a client masks, has
 * a list of close codes of its own, and answers each of the others, and a damaged close frame, with an empty one.
 */
export const knownDeviations: Readonly<Record<ConformanceServer, readonly RegExp[]>> = {
  uws: [
    /^fails a connection whose client does not mask$/,
    /^answers a close with 3000 /,
    /^fails for a close with \d+, which may not be sent$/,
    /^fails for a close frame of one byte$/,
    /^fails for a close reason that is no UTF-8$/,
    /^fails for a ping that is marked as compressed$/,
  ],
  ws: [],
};

/** Returns the names of the cases in which a server fails though it is not known to. */
export function unknownFailures(
  server: ConformanceServer,
  failed: readonly string[],
): readonly string[] {
  return failed.filter((name) => !knownDeviations[server].some((known) => known.test(name)));
}
