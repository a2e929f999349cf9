import { frameSeparator, liveSourceNames, liveSources, nameKind } from './live-memory.js';
import { type Owner, owners } from './owners.js';
import type { StoredSite } from './read-sites.js';

/** A part of a connection, and what it consists of. */
export interface ConnectionNode {
  readonly name: string;
  /** Whose memory it is; undefined for the whole. */
  readonly owner: Owner | undefined;
  /** Bytes of a leaf, per connection; 0 for others, which have those of their children. */
  readonly bytes: number;
  readonly children: readonly ConnectionNode[];
}

/** Which column of sites.csv a tree is made of. */
type Figure = 'heldPerConnection' | 'staysPerConnection';

/**
 * Makes a tree of what sites.csv tells: owner, then file, package or library state, then line, class or size of block. Of a kind of
 * memory that was divided both ways, it has the places in the code.
 * @param name what the whole is called
 * @returns undefined if there is nothing
 */
export function growConnectionTree(
  name: string,
  sites: readonly StoredSite[],
  figure: Figure,
): ConnectionNode | undefined {
  const children = liveSourceNames.flatMap((source): ConnectionNode[] => {
    const [owner] = liveSources[source].owners;
    const rows = sites.filter((site) => site.source === source && (site[figure] ?? 0) > 0);
    const places = rows.filter(({ by }) => by === 'site');
    const shown = places.length > 0 ? places : rows;
    if (shown.length === 0) return [];
    const groups = new Map<string, ConnectionNode[]>();
    for (const site of shown) {
      const leaf = {
        name: site.by === 'site' ? site.name : nameKind(source, site.name),
        owner,
        bytes: site[figure] ?? 0,
        children: [],
      };
      const group = groupOf(site);
      groups.set(group, [...(groups.get(group) ?? []), leaf]);
    }
    const members = [...groups].flatMap(([group, leaves]) =>
      group === '' ? leaves : [{ name: group, owner, bytes: 0, children: leaves }],
    );
    return [{ name: owners[owner].label, owner, bytes: 0, children: members }];
  });
  return children.length === 0 ? undefined : { name, owner: undefined, bytes: 0, children };
}

/** The file or library of a place, the state of a block, the package of a class; empty for what has none. */
function groupOf({ by, name, state }: StoredSite): string {
  if (by === 'kind') return state === '' ? packageOf(name) : state;
  const [nearest = ''] = name.split(frameSeparator, 1);
  const place = nearest.slice(nearest.lastIndexOf(' ') + 1);
  return place.replace(/:\d+$/, '');
}

function packageOf(name: string): string {
  const [, folder = ''] = /^\[*L?(.*)\.[^.]+$/.exec(name) ?? [];
  return folder;
}
