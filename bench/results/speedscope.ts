import { type ConnectionNode, growConnectionTree } from './connection-tree.js';
import { frameSeparator } from './live-memory.js';
import type { StoredSite } from './read-sites.js';

/** One of the profiles in a file: stacks as indices of frames, the outermost first, and the bytes of each. */
interface SampledProfile {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: 'bytes';
  readonly startValue: 0;
  readonly endValue: number;
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

const profileNames = {
  heldPerConnection: 'held by an open connection',
  staysPerConnection: 'stays of a closed connection',
} as const;

/**
 * Writes what a connection holds, and what stays of it, of all kinds of memory together, for speedscope
 * (https://www.speedscope.app/file-format-schema.json): owner, then file or state, then callers and function, in bytes per
 * connection.
 * @returns undefined if nothing is known
 */
export function formatSpeedscope(sites: readonly StoredSite[]): string | undefined {
  const frames = new Map<string, number>();
  const profiles = (['heldPerConnection', 'staysPerConnection'] as const).flatMap((figure) => {
    const tree = growConnectionTree(profileNames[figure], sites, figure);
    return tree === undefined ? [] : [profileOf(tree, frames)];
  });
  if (profiles.length === 0) return undefined;
  return JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'tidemark',
    name: 'Bytes per WebSocket connection',
    activeProfileIndex: 0,
    shared: { frames: [...frames.keys()].map((name) => ({ name })) },
    profiles,
  });
}

function profileOf(tree: ConnectionNode, frames: Map<string, number>): SampledProfile {
  const samples: number[][] = [];
  const weights: number[] = [];
  const indexOf = (name: string): number => {
    const index = frames.get(name) ?? frames.size;
    frames.set(name, index);
    return index;
  };
  const visit = ({ name, bytes, children }: ConnectionNode, callers: readonly number[]): void => {
    if (children.length > 0) {
      const own = [...callers, indexOf(name)];
      for (const child of children) visit(child, own);
      return;
    }
    // A site is named from the allocation outwards.
    samples.push([...callers, ...name.split(frameSeparator).reverse().map(indexOf)]);
    weights.push(bytes);
  };
  for (const child of tree.children) visit(child, []);
  const endValue = weights.reduce((sum, bytes) => sum + bytes, 0);
  return {
    type: 'sampled',
    name: tree.name,
    unit: 'bytes',
    startValue: 0,
    endValue,
    samples,
    weights,
  };
}
