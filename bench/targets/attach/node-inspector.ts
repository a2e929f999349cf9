import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { readTextIfThere } from '../../../machine/read-text.js';
import { readMemoryMap } from '../../../machine/procfs/read-procfs.js';
import { isMaskBitSet } from '../../../machine/procfs/status-mask.js';
import { findRuntime } from '../../../machine/procfs/runtime.js';
import type { JsHoldings } from '../../../machine/v8.js';
import { isListener } from './find-server.js';

/** Where Node opens its inspector on SIGUSR1, unless it was started with another `--inspect-port`. */
const inspectorPort = 9229;

/** SIGUSR1 (signal(7)), whose number gives its bit of SigCgt in `/proc/<pid>/status`. */
const signalNumber = 10;

/** How long the inspector may take to listen, and the time between looks. */
const openTimeoutMs = 3000;
const lookEveryMs = 50;

/** Longest wait for an answer: a collection takes a second or so per gigabyte. */
const answerTimeoutMs = 30_000;

/** Closing must not wait for the connection that asks for it. */
const closeDelayMs = 20;

/**
 * Makes a Node program that knows nothing of us collect its garbage, and returns what is alive after that: opens its inspector
 * with SIGUSR1, asks over the Chrome DevTools protocol, and closes the inspector again, unless it was open before. Undefined if
 * the process is not a Node program, would not survive the signal (`--disable-sigusr1`), or does not open an inspector.
 */
export async function collectThroughInspector(pid: number): Promise<JsHoldings | undefined> {
  if (findRuntime(readMemoryMap(pid) ?? []) !== 'v8') return undefined;
  const wasOpen = isListener(pid, inspectorPort);
  if (!wasOpen && !catchesSignal(pid)) return undefined;
  try {
    if (!wasOpen) process.kill(pid, 'SIGUSR1');
    const url = await findInspector(pid);
    return url === undefined ? undefined : await askInspector(url, !wasOpen);
  } catch {
    // It has ended, or another debugger holds its inspector: it is not counted, and the verdict says so.
    return undefined;
  }
}

/** Whether the process has a handler for SIGUSR1: without one the signal would end it. */
function catchesSignal(pid: number): boolean {
  const status = readTextIfThere(`/proc/${pid}/status`) ?? '';
  return isMaskBitSet(status, 'SigCgt', signalNumber - 1);
}

/** Waits until the process itself listens on the inspector port, and returns the address of its session. */
async function findInspector(pid: number): Promise<string | undefined> {
  const endMs = performance.now() + openTimeoutMs;
  while (performance.now() < endMs) {
    if (isListener(pid, inspectorPort)) {
      const answer = await fetch(`http://127.0.0.1:${inspectorPort}/json/list`, {
        signal: AbortSignal.timeout(openTimeoutMs),
      });
      const [session] = (await answer.json()) as readonly { webSocketDebuggerUrl?: string }[];
      return session?.webSocketDebuggerUrl;
    }
    await sleep(lookEveryMs);
  }
  return undefined;
}

async function askInspector(url: string, closesAfter: boolean): Promise<JsHoldings | undefined> {
  // Loaded where it is needed only: it takes 45 ms of CPU and 5 MB.
  const { WebSocket: Client } = await import('ws');
  const socket = new Client(url, { perMessageDeflate: false });
  const signal = AbortSignal.timeout(answerTimeoutMs);
  try {
    await once(socket, 'open', { signal });
    await call(socket, 1, 'HeapProfiler.collectGarbage', {}, signal);
    const answer = await call(
      socket,
      2,
      'Runtime.evaluate',
      { expression: 'JSON.stringify(process.memoryUsage())' },
      signal,
    );
    if (closesAfter) {
      const expression = `setTimeout(() => process._debugEnd(), ${closeDelayMs}).unref()`;
      await call(socket, 3, 'Runtime.evaluate', { expression }, signal);
    }
    const text = (answer as { result?: { value?: string } }).result?.value;
    if (text === undefined) return undefined;
    const usage = JSON.parse(text) as NodeJS.MemoryUsage;
    return {
      js_heap_used_bytes: usage.heapUsed,
      js_array_buffers_bytes: usage.arrayBuffers,
    };
  } finally {
    socket.close();
  }
}

/** Calls one method of the protocol; events that arrive in between are ignored. */
async function call(
  socket: WebSocket,
  id: number,
  method: string,
  params: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<unknown> {
  const answered = new Promise<unknown>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString()) as { id?: number; result?: unknown };
      if (answer.id === id) resolve(answer.result);
    });
  });
  socket.send(JSON.stringify({ id, method, params }));
  const closed = once(socket, 'close', { signal }).then(() => {
    throw new Error('the inspector was closed');
  });
  return Promise.race([answered, closed]);
}
