import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { messageOf, RunError } from '../../program/failure.js';
import {
  type Document,
  documentOf,
  isDocument,
  isMeasured,
  isText,
  listOf,
} from '../../program/document-fields.js';
import { readBody } from '../../program/read-body.js';
import type { ProcessStats, TargetStats } from './target.js';

/** One connection for all questions: `fetch()` costs the sampler twice the CPU, 4.2 instead of 2.1 ms. */
const keptOpen = new Agent({ keepAlive: true, maxSockets: 1 });

/** Longest wait for `/stats`; a row without the target's figures is better than a row too late. */
const statsTimeoutMs = 2000;

/** A worker takes some 500 bytes of it; what is larger is none. */
const mostBytes = 4 * 1024 * 1024;

/**
 * Asks a Tidemark server for its figures, at `/stats` on its admin port; undefined if it does not answer in time.
 * @throws {RunError} if what answers there is something else.
 */
export async function readStats(url: string): Promise<TargetStats | undefined> {
  let body: string | undefined;
  try {
    const asking = get(url, { agent: keptOpen, signal: AbortSignal.timeout(statsTimeoutMs) });
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    body = await readBody(response, mostBytes);
    if (response.statusCode !== 200) return undefined;
  } catch {
    // Busy, or ending: the row goes without. A server that has ended is noticed by its process.
    return undefined;
  }
  if (body === undefined) {
    throw new RunError(
      `Cannot read ${url}: it answers with more than 4 MiB, which is not /stats of a Tidemark server; look at --admin-url`,
    );
  }
  try {
    return parseStats(body);
  } catch (error) {
    throw new RunError(`Cannot read ${url}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Reads the document of a server, which may be any program: its figures go into the files of the run.
 * @throws {SyntaxError} if it is not JSON, or a figure is missing or none.
 */
export function parseStats(body: string): TargetStats {
  const document = documentOf(JSON.parse(body));
  const supervisor = documentOf(document['supervisor']);
  return {
    connections: figureOf(document, 'connections'),
    openedTotal: figureOf(document, 'connections_opened_total'),
    lost: listOf(document['workers_lost'], isDocument).flatMap(lostOf),
    oldestReportSeconds: Math.max(
      0,
      ...listOf(document['workers'], isDocument).map((worker) =>
        isMeasured(worker['report_age_s']) ? worker['report_age_s'] : 0,
      ),
    ),
    greetingsSentTotal: figureOf(document, 'greetings_sent_total'),
    workersRestartedTotal: figureOf(document, 'workers_restarted_total'),
    processes: [
      { ...processOf(supervisor), connections: undefined },
      ...listOf(document['workers'], isDocument).map((worker) => ({
        ...processOf(worker),
        connections: figureOf(worker, 'connections'),
      })),
    ],
  };
}

/** A server says how its workers ended as a signal or a status; servers before this version don't. */
function lostOf({ pid, signal, status }: Document): TargetStats['lost'] {
  if (!isMeasured(pid)) return [];
  if (isText(signal) && /^SIG[A-Z0-9+]{1,12}$/.test(signal)) {
    return [{ pid, how: `was killed by ${signal}` }];
  }
  return isMeasured(status) ? [{ pid, how: `ended with status ${status}` }] : [];
}

function processOf(document: Document): Pick<ProcessStats, 'pid' | 'memory'> {
  const memory = documentOf(document['memory']);
  return {
    pid: figureOf(document, 'pid'),
    memory: {
      rss_bytes: figureOf(memory, 'rss_bytes'),
      js_heap_used_bytes: figureOf(memory, 'js_heap_used_bytes'),
      js_heap_total_bytes: figureOf(memory, 'js_heap_total_bytes'),
      js_heap_resident_bytes: figureOf(memory, 'js_heap_resident_bytes'),
      js_external_bytes: figureOf(memory, 'js_external_bytes'),
      js_array_buffers_bytes: figureOf(memory, 'js_array_buffers_bytes'),
    },
  };
}

function figureOf(document: Document, name: string): number {
  const value = document[name];
  if (isMeasured(value) && value >= 0) return value;
  throw new SyntaxError(`it is not the document of a tidemark server: ${name} is not a number`);
}

/** Longest wait for a collection, which takes a second or so per gigabyte of heap. */
const collectionTimeoutMs = 60_000;

/** Makes a Tidemark server collect its garbage; resolves to whether it did. `adminUrl` is the address of its admin port. */
export async function collectServerGarbage(adminUrl: string): Promise<boolean> {
  try {
    const asking = request(`${adminUrl}/collect-garbage`, {
      method: 'POST',
      agent: keptOpen,
      signal: AbortSignal.timeout(collectionTimeoutMs),
    }).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode === 200;
  } catch {
    // The floor then counts as one with garbage in it. A server that has ended is noticed by its process.
    return false;
  }
}
