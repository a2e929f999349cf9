import type { Verdict } from '../../bench/results/summary.js';
import { cacheBound, type KnownCase, nothingKept } from './known-case.js';

const free: readonly Verdict[] = ['released', 'retained'];

/** Where resident memory is all that there is to see, an open answer is right too, a leak never. */
const freeOrOpen: readonly Verdict[] = ['released', 'retained', 'inconclusive'];

const leaks: readonly Verdict[] = ['growing'];

/** The files that all servers with TLS share are made by the program that runs the cases. */
const tls = { KNOWN_TLS: 'CERT,KEY' };

function growth(truthBytes: number, toleranceShare = 0.05) {
  return { kind: 'growth', truthBytes, toleranceShare } as const;
}

function perMessage(truthBytes: number) {
  return { kind: 'growth per message', truthBytes, toleranceShare: 0.05 } as const;
}

/** The function of the known server on `ws` that is called for each connection, in TypeScript. */
const openedOfWs = /allocated in [^;]*opened \S*ws-known-server\.ts:\d+/;

/** What keeps the chunks that `NativeLeak` makes: there are so few that V8's samples miss them, so they take a snapshot. */
const chunksOfUws = /ArrayBuffer per connection, kept by #chunks \(Array\) < nativeLeak/;

/** Every connection gets a message or two in each hold. */
const talking = ['--message-rate=4000'];

/** All cases, the one that others are compared with first; leaks and what is none take turns, so that each shard has both. */
export const knownCases: readonly KnownCase[] = [
  // uWebSockets.js and malloc keep what 10,000 connections took, some 6 MB, and use it again.
  { name: nothingKept, server: 'uws', target: [], verdicts: free },
  {
    name: 'uWS: 200 B of JS heap leak',
    server: 'uws',
    target: ['--leak-js=200B'],
    verdicts: leaks,
    owner: 'js_heap',
    measure: growth(200),
    named: /allocated in [^;]*HeapLeak\.leak|leak \S*heap-leak\.ts:\d+/,
  },
  {
    name: 'uWS: 10 KiB per open connection',
    server: 'uws',
    target: ['--keep=10KiB'],
    verdicts: free,
    measure: { kind: 'held', truthBytes: 10_240, toleranceShare: 0.05 },
  },
  {
    name: 'uWS: 200 B of ArrayBuffers leak',
    server: 'uws',
    target: ['--leak-native=200B'],
    bench: ['--snapshots'],
    verdicts: leaks,
    owner: 'array_buffers',
    measure: growth(200),
    named: chunksOfUws,
  },
  {
    name: 'uWS: a cache fills in two waves',
    server: 'uws',
    target: ['--cache=1500B', `--cache-bound=${cacheBound.placeholder}`],
    verdicts: free,
  },
  {
    name: 'uWS: 100 B leak per message',
    server: 'uws',
    target: ['--leak-message=100B'],
    bench: [...talking, '--snapshots'],
    verdicts: leaks,
    owner: 'array_buffers',
    measure: perMessage(100),
    named: chunksOfUws,
  },
  {
    // It is freed during the next hold: later than the floor, which is some 6 s after the closes, and before the next floor.
    name: 'uWS: 10 KiB are freed 12 s late',
    server: 'uws',
    target: ['--keep=10KiB', '--free-late=12s'],
    bench: ['--hold=5s', '--rest=5s'],
    verdicts: free,
  },
  {
    name: 'uWS: the leak of JS heap, but only 2 waves',
    server: 'uws',
    target: ['--leak-js=200B'],
    bench: ['--waves=2'],
    verdicts: ['inconclusive'],
    wavesNeeded: 4,
  },
  {
    name: 'uWS: 2 KiB of garbage',
    server: 'uws',
    target: ['--garbage-js=2KiB'],
    verdicts: free,
  },
  {
    name: 'ws: 200 B of JS heap leak',
    server: 'ws',
    target: ['leak-js', '200'],
    verdicts: leaks,
    owner: 'js_heap',
    measure: growth(208),
    named: openedOfWs,
  },
  {
    name: 'uWS: 2 KiB of garbage that nobody collects',
    server: 'uws',
    target: ['--garbage-js=2KiB'],
    bench: ['--no-agent'],
    verdicts: freeOrOpen,
  },
  {
    name: 'ws: 16 KiB of Buffers leak',
    server: 'ws',
    target: ['leak-buffer', '16384'],
    verdicts: leaks,
    owner: 'array_buffers',
    measure: growth(16_384),
    named: openedOfWs,
  },
  { name: 'ws: nothing', server: 'ws', target: ['none', '0'], verdicts: free },
  {
    // Node and OpenSSL have some 500 bytes more for a key.
    name: 'ws: 16 KiB of malloc leak',
    server: 'ws',
    target: ['leak-malloc', '16384'],
    verdicts: leaks,
    owner: 'malloc',
    measure: growth(16_400),
    named: openedOfWs,
  },
  {
    name: 'ws with TLS: nothing',
    server: 'ws',
    target: ['none', '0'],
    environment: tls,
    verdicts: free,
  },
  {
    name: 'ws: 20 KiB leak with 1 in 10 connections',
    server: 'ws',
    target: ['leak-tenth', '20480'],
    verdicts: leaks,
    owner: 'array_buffers',
    measure: growth(2048),
  },
  {
    name: 'ws, 2 workers: nothing',
    server: 'ws',
    target: ['none', '0'],
    environment: { KNOWN_CLUSTER: '2' },
    verdicts: free,
  },
  {
    name: 'ws, 2 workers: 200 B of JS heap leak',
    server: 'ws',
    target: ['leak-js', '200'],
    environment: { KNOWN_CLUSTER: '2' },
    verdicts: leaks,
    owner: 'js_heap',
    measure: growth(208),
    named: openedOfWs,
  },
  {
    name: 'ws: keeps the request',
    server: 'ws',
    target: ['keep-request', '2048'],
    verdicts: free,
  },
  {
    name: 'ws: 3 KiB leak where the client vanishes',
    server: 'ws',
    target: ['leak-abnormal', '3072'],
    bench: ['--end=reset'],
    verdicts: leaks,
    owner: 'array_buffers',
    measure: growth(3072),
    named: /allocated in [^;]*closed \S*ws-known-server\.ts:\d+/,
  },
  {
    name: 'ws: the same, and no client vanishes',
    server: 'ws',
    target: ['leak-abnormal', '3072'],
    verdicts: free,
  },
  {
    name: 'ws with TLS: 4 KiB of Buffers leak',
    server: 'ws',
    target: ['leak-buffer', '4096'],
    environment: tls,
    verdicts: leaks,
    owner: 'array_buffers',
    measure: growth(4096),
    named: openedOfWs,
  },
  { name: 'ws: a pool doubles', server: 'ws', target: ['pool', '2048'], verdicts: free },
  {
    name: 'ws: 200 B leak per message',
    server: 'ws',
    target: ['leak-message', '200'],
    bench: talking,
    verdicts: leaks,
    owner: 'js_heap',
    measure: perMessage(208),
    named: /allocated in [^;]*message \S*ws-known-server\.ts:\d+/,
  },
  {
    name: 'ws: a cache fills in two waves',
    server: 'ws',
    target: ['cache', '2048'],
    verdicts: free,
  },
  {
    // The listener keeps the socket with all that belongs to it.
    name: 'ws: a listener is never removed',
    server: 'ws',
    target: ['leak-listener', '1024'],
    verdicts: leaks,
    owner: 'js_heap',
    named: openedOfWs,
  },
  { name: 'ws: mixed sizes in pieces', server: 'ws', target: ['fragments', '0'], verdicts: free },
  {
    // The object, its number, its bytes, and its place in the list.
    name: 'Python: 200 B leak',
    server: 'python',
    target: ['leak', '200'],
    verdicts: leaks,
    owner: 'python_objects',
    measure: growth(325),
    named: /1\.00 × __main__\.Session per connection/,
  },
  { name: 'ws: freed 2 s late', server: 'ws', target: ['late', '4096'], verdicts: free },
  {
    name: 'Python: 4 KiB leak',
    server: 'python',
    target: ['leak', '4096'],
    verdicts: leaks,
    owner: 'python_objects',
    measure: growth(4221),
    named: /1\.00 × __main__\.Session per connection/,
  },
  { name: 'Python: nothing', server: 'python', target: ['none', '0'], verdicts: free },
  {
    name: 'Python: 64 KiB leak with 1 in 10 connections',
    server: 'python',
    target: ['leak-tenth', '65536'],
    verdicts: leaks,
    owner: 'python_objects',
    measure: growth(6566),
    named: /0\.10\d* × __main__\.Session per connection/,
  },
  {
    name: 'Python with TLS: nothing',
    server: 'python',
    target: ['none', '0'],
    environment: tls,
    bench: ['--connections=1000', '--rate=300'],
    verdicts: free,
  },
  {
    // A block of 200 and an object of 32 bytes are 208 and 32 of Go's.
    name: 'Go: 200 B leak',
    server: 'go',
    target: ['leak', '200'],
    verdicts: leaks,
    owner: 'managed_heap',
    measure: growth(250),
    named: /allocated in main\.open \S*main\.go:\d+/,
  },
  { name: 'Python: cycles', server: 'python', target: ['cycles', '2048'], verdicts: free },
  {
    name: 'Go: 4 KiB leak',
    server: 'go',
    target: ['leak', '4096'],
    verdicts: leaks,
    owner: 'managed_heap',
    measure: growth(4138),
    named: /allocated in main\.open \S*main\.go:\d+/,
  },
  {
    name: 'Python: a cache fills in two waves',
    server: 'python',
    target: ['cache', '2048'],
    verdicts: free,
  },
  {
    name: 'Go: goroutines leak',
    server: 'go',
    target: ['leak-goroutine', '1024'],
    verdicts: leaks,
    owner: 'managed_heap',
    named: /1\.00 × goroutine per connection.*main\.open\.func1 \S*main\.go:\d+/,
  },
  { name: 'Go: nothing', server: 'go', target: ['none', '0'], verdicts: free },
  {
    name: 'Go: 8 KiB leak with 1 in 10 connections',
    server: 'go',
    target: ['leak-tenth', '8192'],
    verdicts: leaks,
    owner: 'managed_heap',
    measure: growth(824),
    named: /allocated in main\.open \S*main\.go:\d+/,
  },
  { name: 'Go: a pool doubles', server: 'go', target: ['pool', '2048'], verdicts: free },
  {
    // 16 bytes more for the array's header, 24 for the object, and its place in the list.
    name: 'Java: 200 B leak',
    server: 'java',
    target: ['leak', '200'],
    verdicts: leaks,
    owner: 'managed_heap',
    measure: growth(245),
    named: /1\.00 × KnownServer\$Session per connection/,
  },
  { name: 'Go: freed 2 s late', server: 'go', target: ['late', '4096'], verdicts: free },
  {
    name: 'Java: 4 KiB of malloc leak',
    server: 'java',
    target: ['leak-malloc', '4096'],
    verdicts: leaks,
    owner: 'malloc',
    measure: growth(4112),
    named: /1\.00 × a block of 4,1\d\d B per connection/,
  },
  { name: 'Java: nothing', server: 'java', target: ['none', '2048'], verdicts: free },
  {
    name: 'Java: 8 KiB leak with 1 in 10 connections',
    server: 'java',
    target: ['leak-tenth', '8192'],
    verdicts: leaks,
    owner: 'managed_heap',
    measure: growth(824),
    named: /0\.\d+ × KnownServer\$Session per connection/,
  },
  { name: 'Java: a pool doubles', server: 'java', target: ['pool', '2048'], verdicts: free },
  {
    name: 'Bun: 16 KiB leak',
    server: 'bun',
    target: ['leak', '16384'],
    verdicts: leaks,
    owner: 'other',
    measure: growth(16_384),
  },
  {
    name: 'Java: a cache fills in two waves',
    server: 'java',
    target: ['cache', '2048'],
    verdicts: free,
  },
  {
    name: 'Bun: 4 KiB of garbage',
    server: 'bun',
    target: ['garbage', '4096'],
    verdicts: freeOrOpen,
  },
  {
    name: 'uWS with TLS: nothing',
    server: 'uws-tls',
    target: [],
    verdicts: free,
  },
  {
    name: 'ws, already warm, by its process id',
    server: 'ws',
    target: ['none', '0'],
    warmConnections: 12_000,
    verdicts: freeOrOpen,
  },
  {
    name: 'Go, already warm, by its process id',
    server: 'go',
    target: ['none', '0'],
    warmConnections: 12_000,
    verdicts: freeOrOpen,
  },
];

/**
 * Returns the cases that have `wanted` in their names, of those every `of`-th from the `index`-th on, and before them the one
 * that they are compared with, if any of them is. Empty if there are none.
 */
export function chooseCases(
  wanted: string,
  { index, of }: { readonly index: number; readonly of: number } = { index: 1, of: 1 },
): readonly KnownCase[] {
  const named = knownCases
    .filter(({ name }) => name.includes(wanted))
    .filter((_, at) => at % of === index - 1);
  const isCompared = named.some(({ measure }) => measure?.kind === 'held');
  return knownCases.filter(
    (known) => named.includes(known) || (isCompared && known.name === nothingKept),
  );
}
