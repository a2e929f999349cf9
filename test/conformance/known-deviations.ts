import { compareVersions } from '../../program/compare-versions.js';
import type { ConformanceServer } from './servers.js';

/** Names of the cases in which a server is known not to pass; in all others it has to. */
export interface KnownDeviations {
  /** First version that was measured to be like this; those between it and the next entry are taken to be, too. */
  readonly since: string;
  readonly fail: readonly RegExp[];
  /** It fails the connection, as it has to, but without a close frame that says why. */
  readonly cut: readonly RegExp[];
}

/**
 * What uWebSockets.js does against the rules: it does not look whether a client masks, has a list of close codes of its own,
 * answers each of the others, and a damaged close frame, with an empty one, forgets about an unfinished message when a control
 * frame comes in between, never looks for one when a binary message begins, and cuts what it fails.
 * docs/upstream/uwebsockets-close-codes.md says how to reproduce it.
 */
const uws: readonly KnownDeviations[] = [
  {
    since: '20.56.0',
    fail: [
      /^fails a connection whose client does not mask$/,
      /^fails for a new binary message before the end of the last one$/,
      /^fails for a new (text|binary) message before the end of the last one, after a ping$/,
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
];

const deviations: Readonly<Record<ConformanceServer, readonly KnownDeviations[]>> = {
  uws,
  ws: [{ since: '8.0.0', fail: [], cut: [] }],
};

/**
 * Returns what a version of a server is known to do against the rules: the last entry that is not newer. A version before the
 * first one is taken to be like it.
 */
export function deviationsOf(
  server: ConformanceServer,
  version: string,
  all: readonly KnownDeviations[] = deviations[server],
): KnownDeviations {
  const [first] = all;
  if (first === undefined) throw new RangeError(`Nothing is known of ${server}`);
  return all.findLast(({ since }) => compareVersions(since, version) <= 0) ?? first;
}

/** Kinds of results that {@link findSurprises} compares. */
type Kind = 'pass' | 'cut' | 'fail';

/**
 * Compares what a server has done in all cases with what it is known to do, both ways: a case that it fails or cuts though it
 * should not, also one that it cuts now and closed with a code before, and a deviation that is gone, or that fits no case, and
 * has to be taken off the list. Returns the differences in words.
 */
export function findSurprises(
  server: ConformanceServer,
  known: KnownDeviations,
  results: readonly { readonly name: string; readonly kind: Kind }[],
): string[] {
  const knownKind = (name: string): Kind => {
    if (known.fail.some((pattern) => pattern.test(name))) return 'fail';
    return known.cut.some((pattern) => pattern.test(name)) ? 'cut' : 'pass';
  };
  const differences = results
    .filter(({ name, kind }) => kind !== knownKind(name))
    .map(({ name, kind }) => `${server}: ${name}: ${kind}, known as ${knownKind(name)}`);
  const unused = [...known.fail, ...known.cut]
    .filter((pattern) => !results.some(({ name }) => pattern.test(name)))
    .map((pattern) => `${server}: ${pattern.source}: fits no case any more`);
  return [...differences, ...unused];
}
