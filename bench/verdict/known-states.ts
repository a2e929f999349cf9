/** What a library allocates for one thing, by the sizes of its blocks, headers included, in bytes. */
interface KnownState {
  readonly name: string;
  /** Sizes of its blocks, and how many of each there are. */
  readonly blocks: ReadonlyMap<number, number>;
}

/** What zlib allocates for a state with a window of 2^`windowBits` bytes. */
interface ZlibBuild {
  /** Said after what it is. */
  readonly of: string;
  /** The sizes of the blocks of a deflate state, headers included, in bytes. */
  readonly deflate: (windowBits: number, memoryLevel: number) => readonly number[];
  /** The same of an inflate state; missing where none was measured. */
  readonly inflate?: (windowBits: number) => readonly number[];
}

/**
 * The sizes follow from `deflateInit2_` (deflate.c) and `inflateInit2_` (inflate.c): a window and `prev` of 2 × 2^windowBits bytes
 * each, `head` of 2 × 2^(memLevel + 7), `pending_buf` of 4 × 2^(memLevel + 6), and the state itself; an inflate state has a window
 * of 2^windowBits. glibc adds 8 bytes and rounds up to 16. Node's zlib is Chromium's: it pads the window, has a `head` of 2^15
 * entries at least and 5 bytes for a place in `pending_buf`. Node puts 8 bytes before each block, which makes each larger by 16; a
 * native module, such as uWebSockets.js, gets the same zlib without these.
 *
 * Measured by a census of 100 states each: windows of 9, 10, 12, 13 and 15 with memory levels of 1, 4, 7 and 8, in Node 20.20, and
 * in Python 3.11 with zlib 1.2.13 of Debian 12; that of a JVM is the same library; in a native module window 9 with memory level
 * 1, which each dedicated compressor is. Above level 8 malloc maps the blocks, whose sizes then depend on what was freed before.
 */
const zlibBuilds: readonly ZlibBuild[] = [
  {
    of: ' of Node',
    deflate: (windowBits, memoryLevel) =>
      deflateOfChromium(windowBits, memoryLevel).map((size) => size + 16),
    inflate: (windowBits) => [2 ** windowBits + 48, 9104],
  },
  { of: ' in a native module of Node', deflate: deflateOfChromium },
  {
    of: '',
    deflate: (windowBits, memoryLevel) => [
      2 * 2 ** windowBits + 16,
      2 * 2 ** windowBits + 16,
      2 * 2 ** (memoryLevel + 7) + 16,
      4 * 2 ** (memoryLevel + 6) + 16,
      5968,
    ],
    inflate: (windowBits) => [2 ** windowBits + 16, 7168],
  },
];

function deflateOfChromium(windowBits: number, memoryLevel: number): readonly number[] {
  return [
    2 * 2 ** windowBits + 32,
    2 * 2 ** windowBits + 16,
    2 * 2 ** Math.max(15, memoryLevel + 7) + 16,
    5 * 2 ** (memoryLevel + 6) + 16,
    6064,
  ];
}

/** RFC 7692 allows windows of 8 to 15; zlib makes 9 of 8. */
const windows = [15, 14, 13, 12, 11, 10, 9] as const;
const memoryLevels = [8, 7, 6, 5, 4, 3, 2, 1] as const;

/** Deflate states by what their sizes leave open: with window and table swapped, two settings have the same blocks. */
function deflateStates({ of, deflate }: ZlibBuild): readonly KnownState[] {
  const settings = new Map<
    string,
    { readonly blocks: KnownState['blocks']; readonly names: string[] }
  >();
  for (const window of windows) {
    for (const level of memoryLevels) {
      const sizes = deflate(window, level).toSorted((one, other) => other - one);
      const state = settings.get(sizes.join()) ?? { blocks: countSizes(sizes), names: [] };
      state.names.push(`window ${window}, memory level ${level}`);
      settings.set(sizes.join(), state);
    }
  }
  return [...settings.values()].map(({ blocks, names }) => ({
    name: `zlib deflate state${of}, ${names.join(' or ')}`,
    blocks,
  }));
}

function inflateStates({ of, inflate }: ZlibBuild): readonly KnownState[] {
  if (inflate === undefined) return [];
  return windows.map((window) => ({
    name: `zlib inflate state${of}, window ${window}`,
    blocks: countSizes(inflate(window)),
  }));
}

const zlibStates: readonly KnownState[] = zlibBuilds.flatMap((build) => [
  ...deflateStates(build),
  ...inflateStates(build),
]);

/**
 * What Node and its native modules have for each connection. Others have blocks of these sizes too, so they count only in a
 * program that is one of Node, and where each connection has one. Measured with `--stacks` on Node 20.20 and uWebSockets.js 20.56:
 * `TCPWrap::New`; `ZlibStream::New` and `TLSWrap::Wrap`; `NodeBIO::PeekWritable` with `SSL_new`; and `us_socket_context_adopt_socket` with
 * the poll of its socket.
 */
const nodeStates: readonly KnownState[] = [
  { name: 'TCP handle of Node', blocks: new Map([[416, 1]]) },
  { name: 'zlib or TLS stream of Node', blocks: new Map([[480, 1]]) },
  {
    name: 'TLS connection of Node, with a read buffer of 64 KiB',
    blocks: countSizes([65_552, 7616]),
  },
  { name: 'socket of uWebSockets.js', blocks: countSizes([208, 176]) },
];

/**
 * What other programs have for each connection. Measured on Debian 12 with OpenSSL 3.0.22, whose blocks are those of `SSL_new` and
 * `ssl3_setup_buffers` (16,712 and 16,584 bytes, missing where a program has idle ones released), and Python 3.11, whose asyncio
 * gives each TLS connection a `bytearray` of 256 KiB (`max_size` in sslproto.py). The last is not measured: `read_buffer_size` of
 * tungstenite, taken at once, is 128 KiB by default (docs.rs/tungstenite, WebSocketConfig); at first malloc maps such a block.
 */
const otherStates: readonly KnownState[] = [
  { name: 'TLS connection of OpenSSL 3.0', blocks: countSizes([7632]) },
  {
    name: 'TLS connection of OpenSSL 3.0, with its buffers for reading and writing',
    blocks: countSizes([16_720, 16_592, 7632]),
  },
  {
    name: "TLS connection of Python's asyncio, with a read buffer of 256 KiB",
    blocks: countSizes([262_160, 7632]),
  },
  ...[131_088, 135_168].map((size) => ({
    name: "buffer of 128 KiB (in Rust: tungstenite's read_buffer_size)",
    blocks: countSizes([size]),
  })),
];

function countSizes(sizes: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  return counts;
}

/** How far the number of blocks per connection may be from that of the state. */
const tolerance = 0.1;

/** A state that fewer connections than this share have is a pool's or the program's own. */
const leastPerConnection = 0.02;

/** The same for what says little by its size alone. */
const leastOfEach = 0.9;

/**
 * Names the blocks that belong to a known state, if all of its sizes are there in its proportions and there are few other
 * things of those sizes.
 * @param perConnection how many blocks of each size a connection has
 * @param isNode whether the program is one of Node; undefined if that is not known, then only what several blocks prove is named
 * @returns by block size, the name of the state that it is part of, and how many such blocks that state has
 */
export function findKnownStates(
  perConnection: ReadonlyMap<number, number>,
  isNode?: boolean,
): ReadonlyMap<number, { readonly name: string; readonly blocks: number }> {
  const names = new Map<number, { name: string; blocks: number }>();
  const look = (states: readonly KnownState[], leastStates: number): void => {
    for (const { name, blocks } of states) {
      const found = [...blocks].map(([size, count]) => (perConnection.get(size) ?? 0) / count);
      const [most, least] = [Math.max(...found), Math.min(...found)];
      if (least < leastStates || most > least * (1 + tolerance)) continue;
      for (const [size, count] of blocks) names.set(size, { name, blocks: count });
    }
  };
  look(zlibStates, leastPerConnection);
  if (isNode !== undefined) look(isNode ? nodeStates : otherStates, leastOfEach);
  return names;
}
