import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { tidemarkProgram } from '../../bench/targets/child-program.js';
import { isDocument } from '../../program/document-fields.js';
import type { ListeningDocument, StatsDocument } from '../../server/documents.js';
import { openIdle } from '../end-to-end/idle-sockets.js';
import { isThere, peakBytesOf } from '../end-to-end/process-figures.js';
import { readTreeCost } from '../peers/tree-cost.js';
import type { Fault, FaultOutcome } from './fault.js';

/** Healthy clients beside whatever happens. */
const healthyClients = 20;

/** Longest wait for an echo of theirs, in milliseconds. */
const echoTimeoutMs = 5000;

/** Time in which the server is watched under a fault, in milliseconds. */
const watchMs = 3000;

/** A server that something happens to. */
interface DisturbedServer extends ListeningDocument {
  readonly worker: number;
  /** Has each healthy client get an echo; returns how many did. */
  readonly echo: () => Promise<number>;
  readonly stats: () => Promise<StatsDocument>;
  /** Answer of `/healthz`, as its status and text. */
  readonly health: () => Promise<string>;
}

/**
 * Starts a server with one worker and healthy clients, does something to it, and ends it.
 * @param openFiles limit of open files of its processes; undefined for that of this process
 * @param args options of the server besides its ports
 * @param happen returns what came of it in words, and what is wrong
 */
async function disturbServer(
  openFiles: number | undefined,
  args: readonly string[],
  happen: (server: DisturbedServer) => Promise<Pick<FaultOutcome, 'outcome' | 'mistakes'>>,
): Promise<FaultOutcome> {
  const [limiter, limits] =
    openFiles === undefined ? ['env', []] : ['prlimit', [`--nofile=${openFiles}:${openFiles}`]];
  const ports = ['--port', '0', '--admin-port', '0', '--workers', '1'];
  const child = spawn(
    limiter,
    [...limits, process.execPath, tidemarkProgram, 'server', '--json', ...ports, ...args],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = once(child, 'exit');
  const clients: WebSocket[] = [];
  let facts: Pick<FaultOutcome, 'outcome' | 'mistakes'>;
  const pids: number[] = [];
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const document = JSON.parse(line) as ListeningDocument;
    pids.push(document.supervisor_pid, ...document.worker_pids);
    for (let index = 0; index < healthyClients; index++) clients.push(await open(document.url));
    const ask = (path: string): Promise<Response> => fetch(`${document.admin_url}${path}`);
    facts = await happen({
      ...document,
      worker: document.worker_pids[0] ?? 0,
      echo: async () => (await Promise.all(clients.map(hasEcho))).filter(Boolean).length,
      stats: async () => (await (await ask('/stats')).json()) as StatsDocument,
      health: async () => {
        const answer = await ask('/healthz');
        return `${answer.status} ${(await answer.text()).trim()}`;
      },
    });
  } finally {
    child.kill('SIGTERM');
    for (const client of clients) client.terminate();
  }
  const [code, signal] = (await ended) as [number | null, string | null];
  await sleep(100);
  const left = pids.filter(isThere).length;
  const exitStatus = code ?? signal ?? '';
  return {
    outcome: facts.outcome,
    mistakes: [
      ...facts.mistakes,
      ...(exitStatus === 0 ? [] : [`exit ${exitStatus}, not 0`]),
      ...(left === 0 ? [] : [`${left} processes are left`]),
    ],
    childrenLeft: left,
    exitStatus,
  };
}

async function open(url: string): Promise<WebSocket> {
  const client = new WebSocket(url, { perMessageDeflate: false });
  client.on('error', () => undefined);
  // The greeting comes with the handshake, and must not pass for an echo.
  await Promise.all([once(client, 'open'), once(client, 'message')]);
  return client;
}

async function hasEcho(client: WebSocket): Promise<boolean> {
  if (client.readyState !== client.OPEN) return false;
  const wanted = `still there? ${Math.random()}`;
  const answer = once(client, 'message', { signal: AbortSignal.timeout(echoTimeoutMs) });
  client.send(wanted);
  try {
    const [data] = (await answer) as [Buffer];
    return data.toString() === wanted;
  } catch {
    return false;
  }
}

function tell(
  outcome: string,
  checks: readonly (readonly [isRight: boolean, mistake: string])[],
): Pick<FaultOutcome, 'outcome' | 'mistakes'> {
  return { outcome, mistakes: checks.filter(([isRight]) => !isRight).map(([, text]) => text) };
}

const idleSockets = (openFiles: number): Fault => ({
  name: `idle sockets take all ${openFiles} files of the server`,
  expected: 'who is open stays open; little CPU; room again after',
  happen: () =>
    disturbServer(openFiles, [], async (server) => {
      const idle = openIdle(server.url, openFiles);
      await sleep(watchMs);
      const begunSeconds = readTreeCost(server.worker).cpuSeconds;
      await sleep(watchMs);
      const cpuShare = (readTreeCost(server.worker).cpuSeconds - begunSeconds) / (watchMs / 1000);
      const echoes = await server.echo();
      for (const socket of idle) socket.destroy();
      await sleep(1000);
      const late = await open(server.url).then(
        (client) => {
          client.terminate();
          return true;
        },
        () => false,
      );
      const { workers_restarted_total: restarted } = await server.stats();
      return tell(
        `${echoes} of ${healthyClients} healthy clients get their echo; ${(100 * cpuShare).toFixed(0)} % of a core; ${late ? 'a new one' : 'no new one'} comes in after`,
        [
          [echoes === healthyClients, 'healthy clients have no echo'],
          [cpuShare < 0.2, 'the worker spins'],
          [late, 'there is no room again'],
          [restarted === 0, 'a worker has died'],
        ],
      );
    }),
});

/** What is done to `tidemark server`. */
export const serverFaults: readonly Fault[] = [
  idleSockets(256),
  idleSockets(1024),
  {
    name: 'a worker of the server is frozen',
    expected: 'unhealthy, and names it, from 3 s on; well again after',
    happen: () =>
      disturbServer(undefined, [], async (server) => {
        process.kill(server.worker, 'SIGSTOP');
        await sleep(5000);
        const frozen = await server.health();
        process.kill(server.worker, 'SIGCONT');
        await sleep(1500);
        const after = await server.health();
        const echoes = await server.echo();
        return tell(`${frozen}; then ${after}`, [
          [frozen.startsWith(`503 `) && frozen.includes(String(server.worker)), 'it is not named'],
          [after.startsWith('200'), 'it is not well again'],
          [echoes === healthyClients, 'healthy clients have no echo'],
        ]);
      }),
  },
  {
    name: '200 clients send on and on and read nothing',
    expected: 'they are closed and counted; memory is bounded',
    happen: () =>
      disturbServer(undefined, ['--max-backpressure-total=16MiB'], async (server) => {
        const beforeBytes = peakBytesOf(server.worker);
        const deaf = await Promise.all(Array.from({ length: 200 }, () => open(server.url)));
        for (const client of deaf) client.pause();
        const payload = Buffer.alloc(16_000);
        for (let round = 0; round < 400; round++) {
          for (const client of deaf) if (client.bufferedAmount < 1e6) client.send(payload);
          await sleep(5);
        }
        const echoes = await server.echo();
        const grownMiB = (peakBytesOf(server.worker) - beforeBytes) / 2 ** 20;
        const { backpressure_closed_total: closed } = await server.stats();
        for (const client of deaf) client.terminate();
        return tell(
          `${echoes} of ${healthyClients} healthy clients get their echo; ${closed} closed for backpressure; ${grownMiB.toFixed(0)} MiB more at the peak`,
          [
            [echoes === healthyClients, 'healthy clients have no echo'],
            [closed > 0, 'none was closed'],
            [grownMiB < 128, 'the memory is not bounded'],
          ],
        );
      }),
  },
  {
    name: '40 web pages ask for collections at once',
    expected: 'refused: what has an Origin changes nothing',
    happen: () =>
      disturbServer(undefined, [], async (server) => {
        const answers = await Promise.all(
          Array.from({ length: 40 }, async () => {
            const headers = { Origin: 'https://example.com' };
            const url = `${server.admin_url}/collect-garbage`;
            return (await fetch(url, { method: 'POST', headers })).status;
          }),
        );
        const kinds = [...new Set(answers)];
        return tell(`all answered ${kinds.join(', ')}`, [
          [kinds.length === 1 && kinds[0] === 403, 'they are not refused'],
        ]);
      }),
  },
  {
    name: 'a bad key, a head of 100 KB, no Connection: Upgrade',
    expected: '400, 431, and no connection',
    happen: () =>
      disturbServer(undefined, [], async (server) => {
        const statuses = await Promise.all([
          statusOf(server.url, '/', ['Connection: Upgrade', 'Sec-WebSocket-Key: bm9uZQ==']),
          statusOf(server.url, `/${'x'.repeat(100_000)}`, ['Connection: Upgrade', goodKey]),
          statusOf(server.url, '/', [goodKey]),
        ]);
        const stats: unknown = await server.stats();
        const opened = isDocument(stats) ? stats['connections_opened_total'] : undefined;
        return tell(statuses.join(', '), [
          [statuses.join() === '400,431,400', 'they are answered otherwise'],
          [opened === healthyClients, 'one was opened'],
        ]);
      }),
  },
];

const goodKey = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

/** Asks for an upgrade by hand, and returns the status of the answer. */
async function statusOf(url: string, path: string, headers: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    [
      `GET ${path} HTTP/1.1`,
      `Host: ${hostname}`,
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      ...headers,
      '',
      '',
    ].join('\r\n'),
  );
  const [data] = (await once(socket, 'data', { signal: AbortSignal.timeout(echoTimeoutMs) })) as [
    Buffer,
  ];
  socket.destroy();
  return /^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1] ?? 'no status';
}
