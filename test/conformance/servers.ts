import { plainDemand, type Target } from '../../bench/targets/target.js';
import type { AgentClients } from '../../bench/targets/agent/agent-clients.js';
import { startTarget } from '../../bench/targets/start-target.js';

/** Servers that are held against the rules. */
export const conformanceServers = ['uws', 'ws'] as const;

/** One of {@link conformanceServers}. */
export type ConformanceServer = (typeof conformanceServers)[number];

/**
 * Starts a server that writes nothing on open and takes messages up to 16 KiB, with agents in its processes if some are given.
 * @throws {RunError} if it does not start.
 */
export function startConformanceServer(
  name: ConformanceServer,
  isDeflated: boolean,
  agents?: AgentClients,
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
    { ...plainDemand(1000), agents },
  );
}

/** Names of the cases in which a server is known not to pass; in all others it has to. */
interface KnownDeviations {
  readonly fail: readonly RegExp[];
  /** It fails the connection, as it has to, but without a close frame that says why. */
  readonly cut: readonly RegExp[];
}

/**
 * What uWebSockets.js 20.56 does against the rules: it does not look whether a client masks, has a list of close codes of
 * its own, answers each of the others, and a damaged close frame, with an empty one, and cuts what it fails.
 */
const knownDeviations: Readonly<Record<ConformanceServer, KnownDeviations>> = {
  uws: {
    fail: [
      /^fails a connection whose client does not mask$/,
      /^answers a close with 3000 /,
      /^fails for a close with \d+, which may not be sent$/,
      /^fails for a close frame of one byte$/,
      /^fails for a close reason that is no UTF-8$/,
      /^fails for a ping that is marked as compressed$/,
    ],
    cut: [
      /^fails for the reserved bit RSV[123] /,
      /^fails for the reserved opcode \d+$/,
      /^fails for a length with its highest bit set$/,
      /^fails for a continuation of nothing$/,
      /^fails for a new message before the end of the last one$/,
      /^fails for a ping (of 126 bytes|in fragments)$/,
      /^fails for a close frame of 126 bytes$/,
      /^fails for text (with|that is cut) /,
      /^closes with 1009 for /,
      /^does not wait for a payload that is announced to be too long$/,
      /^fails for a message that can’t be inflated$/,
      /^fails for a continuation that is marked as compressed$/,
    ],
  },
  ws: { fail: [], cut: [] },
};

/**
 * Compares what a server has done with what it is known to do, both ways: a case that it fails or cuts though it should
 * pass, and one that is known to fail or to be cut and does not any more. Returns the differences in words.
 */
export function findSurprises(
  server: ConformanceServer,
  results: readonly { readonly name: string; readonly kind: 'pass' | 'cut' | 'fail' }[],
): string[] {
  const known = knownDeviations[server];
  const knownKind = (name: string): 'pass' | 'cut' | 'fail' => {
    if (known.fail.some((pattern) => pattern.test(name))) return 'fail';
    return known.cut.some((pattern) => pattern.test(name)) ? 'cut' : 'pass';
  };
  return results
    .filter(({ name, kind }) => kind !== knownKind(name))
    .map(({ name, kind }) => `${server}: ${name}: ${kind}, known as ${knownKind(name)}`);
}
