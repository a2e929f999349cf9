import { endingSignals } from '../program/ending-signals.js';
import { messageOf, RunError } from '../program/failure.js';
import { AddressAdmission } from './address-admission.js';
import type { WorkerStats } from './documents.js';
import { type FromWorker, portsOf, type ToWorker, type WorkerSettings } from './messages.js';
import { loadNativeBinding } from './native-binding.js';
import { collectGarbage, readProcessMemory } from '../machine/v8.js';
import { WebSocketApp } from './websocket-app.js';

/**
 * Entry point of a worker process, forked by the supervisor. It obeys only the supervisor: a signal that reaches the whole
 * group (Ctrl-C) is for the supervisor to act on, and without a supervisor there is no reason to live.
 */

const reportIntervalMs = 1000;

/** A report that is not older than this will do for the supervisor, which takes a silence of several seconds for a fault. */
const freshReportMs = 900;

let app: WebSocketApp | undefined;
let reportedMs = -Infinity;
let admission: AddressAdmission | undefined;

for (const signal of endingSignals) process.on(signal, () => undefined);
process.on('disconnect', () => {
  process.exit(1);
});
process.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'start':
      start(message.settings);
      break;
    case 'report':
      void answer(message.collectsGarbage);
      break;
    case 'admission':
      admission?.answer(message.isAdmitted);
      break;
    case 'reload-tls':
      send({ kind: 'tls-reloaded', failure: reloadTls() });
      break;
    case 'shutdown':
      shutDown(message.timeoutMs);
      break;
  }
});
send({ kind: 'ready' });

function start(settings: WorkerSettings): void {
  try {
    listen(settings);
    setInterval(reportUnlessJustAsked, reportIntervalMs).unref();
    send({ kind: 'listening' });
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    send({ kind: 'failed', message: messageOf(error) });
  }
}

function listen(settings: WorkerSettings): void {
  if (settings.maxPerAddress !== undefined) admission = new AddressAdmission(send);
  app = new WebSocketApp(loadNativeBinding(settings.binding), settings, admission);
  if (app.listen()) return;
  throw new RunError(
    `Cannot listen on ${settings.host} port ${portsOf(settings).join(' or ')}: it was taken just now; choose another with --port`,
  );
}

/** Returns why the certificate from before is kept; undefined if it is not. */
function reloadTls(): string | undefined {
  try {
    app?.reloadTls();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * Closes everything and ends. uWebSockets.js calls a connection closed as soon as the close frame is written, but its
 * socket stays until the client has closed too. Only the sockets keep the event loop alive, so the loop runs empty
 * exactly when the last client has left; exiting earlier would reset connections whose 1001 is still on its way.
 */
function shutDown(timeoutMs: number): void {
  if (app === undefined) process.exit(0);
  const served = app;
  const open = served.counts().connections;
  process.once('beforeExit', () => {
    end(0);
  });
  setTimeout(() => {
    end(served.countOpenSockets(open));
  }, timeoutMs).unref();
  served.closeAll();
  process.channel?.unref();
}

/** Sends the last message and exits once it is in the pipe, which closes what is still open. */
function end(cut: number): void {
  const exit = (): never => process.exit(0);
  if (app === undefined || !process.connected) exit();
  else process.send?.({ kind: 'ended', cut, stats: stats(app) } satisfies FromWorker, exit);
}

async function answer(collectsGarbage: boolean): Promise<void> {
  if (collectsGarbage) await collectGarbage();
  report();
}

/** Where somebody reads `/stats` once a second, a worker has told already what its regular report would say. */
function reportUnlessJustAsked(): void {
  if (performance.now() - reportedMs >= freshReportMs) report();
}

function report(): void {
  if (app === undefined) return;
  reportedMs = performance.now();
  send({ kind: 'report', stats: stats(app) });
}

function stats(of: WebSocketApp): WorkerStats {
  return { pid: process.pid, ...of.counts(), memory: readProcessMemory() };
}

function send(message: FromWorker): void {
  // A failure to send means that the supervisor is gone; then the process ends by `disconnect`.
  if (process.connected) process.send?.(message, () => undefined);
}
