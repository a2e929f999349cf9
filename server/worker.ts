import { messageOf, RunError } from '../options/failure.js';
import type { NativeBinding, WorkerStats } from './documents.js';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.js';
import { loadNativeBinding } from './native-binding.js';
import { readProcessMemory } from './process-memory.js';
import { WebSocketApp } from './websocket-app.js';

/**
 * Entry of a worker process, forked by the supervisor. It obeys the supervisor alone: a signal that reaches the whole
 * group (Ctrl-C) is the supervisor's to act on, and without a supervisor there is no reason to live.
 */

const reportIntervalMs = 1000;

let app: WebSocketApp | undefined;

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => {
  process.exit(1);
});
process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'start':
      void start(message.settings);
      break;
    case 'report':
      report();
      break;
    case 'shutdown':
      void shutDown(message.timeoutMs);
      break;
  }
});
send({ kind: 'ready' });

async function start(settings: WorkerSettings): Promise<void> {
  try {
    const binding = await listen(settings);
    setInterval(report, reportIntervalMs).unref();
    send({ kind: 'listening', binding });
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    send({ kind: 'failed', message: messageOf(error) });
  }
}

async function listen(settings: WorkerSettings): Promise<NativeBinding> {
  const { uws, binding } = loadNativeBinding(settings.nativeBuild);
  app = new WebSocketApp(uws, settings);
  if (await app.listen()) return binding;
  throw new RunError(
    `Cannot listen on ${settings.host} port ${settings.port}: it was taken just now; choose another with --port`,
  );
}

async function shutDown(timeoutMs: number): Promise<void> {
  app?.stopListening();
  let cut = 0;
  const deadline = setTimeout(() => {
    cut = app?.cutAll() ?? 0;
  }, timeoutMs);
  await app?.closeAll();
  clearTimeout(deadline);
  // The exit waits for the message, which goes through a pipe.
  process.send?.({ kind: 'ended', cut, stats: stats() } satisfies FromWorker, () => {
    process.exit(0);
  });
}

function report(): void {
  send({ kind: 'report', stats: stats() });
}

function stats(): WorkerStats {
  if (app === undefined) throw new Error('The worker has not started');
  return { pid: process.pid, ...app.counts(), memory: readProcessMemory() };
}

function send(message: FromWorker): void {
  // The channel may be closing; then the process ends by `disconnect`.
  if (process.connected) process.send?.(message);
}
