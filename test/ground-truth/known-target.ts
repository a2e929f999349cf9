/**
 * A server whose leaks are known: ground truth for the verdicts. One process on uWebSockets.js, which greets and echoes
 * without compression. Prints one line of JSON with its URL once it listens.
 */
import { setFlagsFromString } from 'node:v8';
import { Command, CommanderError } from 'commander';
import { exitStatus, messageOf, RunError, UsageError } from '../../program/failure.js';
import { addOptions, option, readOptions } from '../../program/option-table.js';
import { parseDurationMs, parseSizeBytes } from '../../program/quantities.js';
import { findNativeBinding, loadNativeBinding } from '../../server/native-binding.js';
import { serverOptionTable } from '../../server/options.js';
import { BoundedCache } from './bounded-cache.js';
import { heapBallast, largestBallastBytes } from './heap-ballast.js';
import { HeapLeak } from './heap-leak.js';
import { LateReleases } from './late-releases.js';
import { NativeLeak } from './native-leak.js';
import { SlotPool } from './slot-pool.js';

const kept = 'What it keeps';

function sizeOption(summary: string) {
  return option({ group: kept, argument: 'SIZE', summary, parse: parseSizeBytes, default: 0 });
}

function heapSizeOption(summary: string) {
  return option({ ...sizeOption(summary), parse: parseHeapSizeBytes });
}

const optionTable = {
  port: serverOptionTable.port,
  keep: sizeOption('native memory for each open connection'),
  freeLate: option({
    group: kept,
    argument: 'DURATION',
    summary: 'how long after the close the memory of --keep is freed',
    parse: parseDurationMs,
    default: 0,
  }),
  leakJs: heapSizeOption(
    'JS heap that is never freed, for each connection opened, its reference included; a multiple of 8B, 32B or more',
  ),
  leakNative: sizeOption('native memory that is never freed, for each connection opened'),
  leakMessage: sizeOption('native memory that is never freed, for each message received'),
  cache: sizeOption('native memory that each connection opened adds to a cache'),
  cacheBound: sizeOption('size up to which the cache grows, then old entries are used again'),
  garbageJs: heapSizeOption('JS heap that becomes garbage when a connection closes'),
};

/** How often memory that is to be freed late is looked for, in milliseconds. */
const freeIntervalMs = 100;

type Options = ReturnType<typeof readOptions<typeof optionTable>>;

/** What is held for one open connection. */
interface Holding {
  slot: number;
  ballast: string;
}

/** uWebSockets.js copies the properties to each connection, so one object does for all. */
const nothingHeld: Readonly<Holding> = { slot: -1, ballast: '' };

// V8's young generation would grow from 1 to 32 MiB with the first connections, and say nothing about them.
setFlagsFromString('--semi-space-growth-factor=1');

const command = new Command('known-target').exitOverride();
addOptions(command, optionTable);
try {
  command.parse();
  serve(readOptions(command, optionTable));
} catch (error) {
  if (error instanceof UsageError || error instanceof RunError) {
    process.stderr.write(`known-target: ${messageOf(error)}\n`);
    process.exitCode = error instanceof UsageError ? exitStatus.usage : exitStatus.failed;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  } else throw error;
}

function serve(options: Options): void {
  const uws = loadNativeBinding(findNativeBinding(undefined));
  const pool = new SlotPool(options.keep);
  const heapLeak = new HeapLeak();
  const nativeLeak = new NativeLeak();
  const cache = new BoundedCache(options.cache, options.cacheBound);
  const late = new LateReleases(options.freeLate, (slot) => {
    pool.giveBack(slot);
  });
  if (options.freeLate > 0) {
    setInterval(() => {
      late.releaseDue(performance.now());
    }, freeIntervalMs);
  }
  const greeting = Buffer.from(serverOptionTable.greeting.default ?? '');
  uws
    .App()
    .ws<Holding>('/*', {
      compression: 0,
      upgrade: (response, request, context) => {
        response.upgrade(
          nothingHeld,
          request.getHeader('sec-websocket-key'),
          request.getHeader('sec-websocket-protocol'),
          request.getHeader('sec-websocket-extensions'),
          context,
        );
      },
      open: (socket) => {
        const holding = socket.getUserData();
        if (options.keep > 0) holding.slot = pool.take();
        if (options.garbageJs > 0) holding.ballast = heapBallast(options.garbageJs);
        if (options.leakJs > 0) heapLeak.leak(options.leakJs);
        nativeLeak.leak(options.leakNative);
        cache.add();
        socket.send(greeting, false);
      },
      message: (socket, message, isBinary) => {
        nativeLeak.leak(options.leakMessage);
        socket.send(message, isBinary);
      },
      close: (socket) => {
        const { slot } = socket.getUserData();
        if (slot === nothingHeld.slot) return;
        if (options.freeLate === 0) pool.giveBack(slot);
        else late.add(slot, performance.now());
      },
    })
    .listen('127.0.0.1', options.port, (listening) => {
      if (listening === false) {
        process.stderr.write(`known-target: port ${options.port} is taken\n`);
        process.exit(exitStatus.failed);
      }
      const port = uws.us_socket_local_port(listening);
      process.stdout.write(`${JSON.stringify({ url: `ws://127.0.0.1:${port}` })}\n`);
    });
}

function parseHeapSizeBytes(text: string): number {
  const bytes = parseSizeBytes(text);
  if (bytes <= largestBallastBytes) return bytes;
  throw new RangeError(`${JSON.stringify(text)} is more than ${largestBallastBytes}B`);
}
