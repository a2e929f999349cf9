/**
 * A server whose leaks are known: ground truth for the verdicts. One process on uWebSockets.js, which greets and echoes
 * without compression. Prints one line of JSON with its URL once it listens.
 */
import { Command, CommanderError } from 'commander';
import { exitStatus, messageOf, RunError, UsageError } from '../options/failure.js';
import { addOptions, option, readOptions } from '../options/option-table.js';
import { parseDurationMs, parseSizeBytes } from '../options/quantities.js';
import { loadNativeBinding } from '../server/native-binding.js';
import { serverOptionTable } from '../server/options.js';
import { heapBallast } from './heap-ballast.js';
import { NativeLeak } from './native-leak.js';
import { type Slot, SlotPool } from './slot-pool.js';

const kept = 'What it keeps';

function sizeOption(summary: string) {
  return option({ group: kept, argument: 'SIZE', summary, parse: parseSizeBytes, default: 0 });
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
  leakJs: sizeOption('JS heap that is never freed, for each connection opened'),
  leakNative: sizeOption('native memory that is never freed, for each connection opened'),
  leakMessage: sizeOption('native memory that is never freed, for each message received'),
  cache: sizeOption('native memory that each connection opened adds to a cache'),
  cacheBound: sizeOption('size up to which the cache grows'),
  garbageJs: sizeOption('JS heap that becomes garbage when a connection closes'),
};

/** How often memory that is to be freed late is looked for, in milliseconds. */
const freeIntervalMs = 100;

type Options = ReturnType<typeof readOptions<typeof optionTable>>;

/** What is held for one open connection. */
interface Holding {
  slot: Slot | undefined;
  ballast: string | undefined;
}

const command = new Command('known-target').exitOverride();
addOptions(command, optionTable);
try {
  command.parse();
  serve(readOptions(command, optionTable));
} catch (error) {
  if (error instanceof UsageError || error instanceof RunError) {
    process.stderr.write(`known-target: ${messageOf(error)}\n`);
    process.exitCode = error instanceof UsageError ? exitStatus.usage : exitStatus.failed;
  } else if (error instanceof CommanderError) process.exitCode = exitStatus.usage;
  else throw error;
}

function serve(options: Options): void {
  const { uws } = loadNativeBinding('auto');
  const pool = new SlotPool(options.keep);
  const closing: { readonly slot: Slot; readonly freeMs: number }[] = [];
  const leaked: string[] = [];
  const native = new NativeLeak();
  const cache = new NativeLeak();
  const greeting = Buffer.from(serverOptionTable.greeting.default ?? '');

  setInterval(() => {
    const nowMs = performance.now();
    while (closing[0] !== undefined && closing[0].freeMs <= nowMs) {
      pool.giveBack(closing[0].slot);
      closing.shift();
    }
    pool.shrink();
  }, freeIntervalMs);

  uws
    .App()
    .ws<Holding>('/*', {
      compression: 0,
      upgrade: (response, request, context) => {
        response.upgrade(
          { slot: undefined, ballast: undefined },
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
        if (options.leakJs > 0) leaked.push(heapBallast(options.leakJs));
        native.leak(options.leakNative);
        if (cache.leakedBytes < options.cacheBound) cache.leak(options.cache);
        socket.send(greeting, false);
      },
      message: (socket, message, isBinary) => {
        native.leak(options.leakMessage);
        socket.send(message, isBinary);
      },
      close: (socket) => {
        const { slot } = socket.getUserData();
        if (slot === undefined) return;
        if (options.freeLate === 0) pool.giveBack(slot);
        else closing.push({ slot, freeMs: performance.now() + options.freeLate });
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
