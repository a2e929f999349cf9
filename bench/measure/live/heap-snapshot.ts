import { addAmount, type CountedKind } from '../../results/live-memory.js';

/** The parts of a `.heapsnapshot` that are read (V8's `HeapSnapshotJSONSerializer`, src/profiler/heap-snapshot-generator.cc). */
interface SnapshotDocument {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
}

/** What is alive on a JS heap, by class. */
export interface SnapshotKinds {
  /** By class, or `string`, or `function` with its name; what V8 has for itself is left out. Bytes without what they refer to. */
  readonly kinds: ReadonlyMap<string, CountedKind>;
  /** What keeps the youngest of each kind alive: the names of properties and variables on the shortest way to it, nearest first. */
  readonly keptBy: ReadonlyMap<string, string>;
  /** The memory of ArrayBuffers, which is not on the heap, and what keeps most of the younger half. */
  readonly buffers: CountedKind & { readonly keptBy: string | undefined };
}

/** V8's name for the memory of an ArrayBuffer, which is of type `native`. */
const bufferMemory = 'system / JSArrayBufferData';

/** Most names on the way that are told. */
const mostNames = 3;

/** Types of nodes that are a kind of their own, by V8's name of the type; `native` ones are not on the heap. */
const kindOf: Readonly<Record<string, (name: string) => string>> = {
  object: (name) => name,
  closure: (name) => `function ${name === '' ? '(anonymous)' : name}`,
  regexp: () => 'RegExp',
  string: () => 'string',
  'concatenated string': () => 'string',
  'sliced string': () => 'string',
};

/**
 * Counts the objects of a heap snapshot by class, and finds what keeps them.
 * @throws {SyntaxError} if the text is no JSON.
 */
export function readHeapSnapshot(text: string): SnapshotKinds {
  const { snapshot, nodes, edges, strings } = JSON.parse(text) as SnapshotDocument;
  const { meta } = snapshot;
  const fields = meta.node_fields.length;
  const at = (name: string): number => meta.node_fields.indexOf(name);
  const [typeAt, nameAt, idAt, sizeAt] = [at('type'), at('name'), at('id'), at('self_size')];
  const types = meta.node_types[0];
  const kinds = new Map<string, { count: number; bytes: number }>();
  const youngest = new Map<string, { node: number; id: number }>();
  const buffers: number[] = [];
  const kindAt = (node: number): string | undefined =>
    kindOf[types[nodes[node + typeAt] ?? 0] ?? '']?.(strings[nodes[node + nameAt] ?? 0] ?? '');
  for (let node = 0; node < nodes.length; node += fields) {
    const kind = kindAt(node);
    if (kind === undefined) {
      if (strings[nodes[node + nameAt] ?? 0] === bufferMemory) buffers.push(node);
      continue;
    }
    const sum = kinds.get(kind) ?? { count: 0, bytes: 0 };
    sum.count++;
    sum.bytes += nodes[node + sizeAt] ?? 0;
    kinds.set(kind, sum);
    const id = nodes[node + idAt] ?? 0;
    if (id > (youngest.get(kind)?.id ?? -1)) youngest.set(kind, { node, id });
  }
  const ways = findWays({ snapshot, nodes, edges, strings });
  const keptBy = [...youngest].flatMap(([kind, { node }]) => {
    const names = nameWay(node, ways, kindAt);
    return names === '' ? [] : [[kind, names] as const];
  });
  const sizeOf = (node: number): number => nodes[node + sizeAt] ?? 0;
  // Ids rise with age: what was there before the first connection is rather among the others.
  const young = buffers
    .toSorted((one, other) => (nodes[other + idAt] ?? 0) - (nodes[one + idAt] ?? 0))
    .slice(0, Math.ceil(buffers.length / 2));
  const bytesByWay = new Map<string, number>();
  for (const node of young) addAmount(bytesByWay, nameWay(node, ways, kindAt), sizeOf(node));
  const [most] = [...bytesByWay].toSorted(([, one], [, other]) => other - one);
  return {
    kinds,
    keptBy: new Map(keptBy),
    buffers: {
      count: buffers.length,
      bytes: buffers.reduce((sum, node) => sum + sizeOf(node), 0),
      keptBy: most === undefined || most[0] === '' ? undefined : most[0],
    },
  };
}

/** The shortest way to each node from the root. */
interface Ways {
  /** The node that refers to it; -1 for the root, and for what only weak references lead to. */
  readonly from: (node: number) => number;
  /** The property or variable that does; undefined for what the engine does by itself, and for elements. */
  readonly by: (node: number) => string | undefined;
}

/** Breadth first, so that the first way to a node is the shortest. */
function findWays({ snapshot: { meta }, nodes, edges, strings }: SnapshotDocument): Ways {
  const fields = meta.node_fields.length;
  const edgeFields = meta.edge_fields.length;
  const countAt = meta.node_fields.indexOf('edge_count');
  const typeAt = meta.edge_fields.indexOf('type');
  const nameAt = meta.edge_fields.indexOf('name_or_index');
  const toAt = meta.edge_fields.indexOf('to_node');
  const types = meta.edge_types[0];
  const total = nodes.length / fields;
  const firstEdges = new Int32Array(total + 1);
  for (let index = 0; index < total; index++) {
    firstEdges[index + 1] =
      (firstEdges[index] ?? 0) + (nodes[index * fields + countAt] ?? 0) * edgeFields;
  }
  const edgeTo = new Int32Array(total).fill(-1);
  const parents = new Int32Array(total).fill(-1);
  const queue = new Int32Array(total);
  let [read, written] = [0, 1];
  while (read < written) {
    const index = queue[read++] ?? 0;
    const end = firstEdges[index + 1] ?? 0;
    for (let edge = firstEdges[index] ?? 0; edge < end; edge += edgeFields) {
      const to = (edges[edge + toAt] ?? 0) / fields;
      const isWeak = types[edges[edge + typeAt] ?? 0] === 'weak';
      if (to === 0 || isWeak || (parents[to] ?? 0) >= 0) continue;
      parents[to] = index;
      edgeTo[to] = edge;
      queue[written++] = to;
    }
  }
  return {
    from: (node) => {
      const parent = parents[node / fields] ?? -1;
      return parent < 0 ? -1 : parent * fields;
    },
    by: (node) => {
      const edge = edgeTo[node / fields] ?? -1;
      const type = types[edges[edge + typeAt] ?? -1];
      if (type !== 'property' && type !== 'context') return undefined;
      return strings[edges[edge + nameAt] ?? 0];
    },
  };
}

/** Names a way as the variables and properties on it, each with the class of what it holds, but for the node itself. */
function nameWay(node: number, ways: Ways, kindAt: (node: number) => string | undefined): string {
  const told: string[] = [];
  for (let at = node; at >= 0 && told.length < mostNames; at = ways.from(at)) {
    const name = ways.by(at);
    if (name === undefined) continue;
    const kind = at === node ? undefined : kindAt(at);
    told.push(kind === undefined ? name : `${name} (${kind})`);
  }
  return told.join(' < ');
}
