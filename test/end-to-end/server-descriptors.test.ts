import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it, type TestContext } from 'node:test';
import type { ListeningDocument, StatsDocument } from '../../server/documents.js';
import { parseProcessTime } from '../../machine/procfs/read-procfs.js';
import { readTextIfThere } from '../../machine/read-text.js';
import { isMissing, programPath, until } from './program.js';
import { type Client, connect, oneWorker } from './server-process.js';

/** Starts a server with one worker whose processes may open so many files. */
async function startLimited(t: TestContext, openFiles: number): Promise<ListeningDocument> {
  const server = spawn(
    'prlimit',
    [
      `--nofile=${openFiles}:${openFiles}`,
      process.execPath,
      programPath,
      'server',
      '--json',
      ...oneWorker,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => server.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  return JSON.parse(line) as ListeningDocument;
}

async function echoes(client: Client, text: string): Promise<void> {
  client.socket.send(text);
  assert.equal(await client.next(), text);
}

/** Sockets of clients that never say a word; those that the server does not take stay with the kernel. */
function openIdle(url: string, count: number): Socket[] {
  const { hostname, port } = new URL(url);
  return Array.from({ length: count }, () =>
    connectTcp(Number(port), hostname).on('error', () => undefined),
  );
}

/** CPU time in ticks of 10 ms. */
function cpuTicks(pid: number): number {
  return parseProcessTime(pid, readTextIfThere(`/proc/${pid}/stat`) ?? '')?.ticks ?? 0;
}

describe('tidemark server at its open-file limit', () => {
  for (const openFiles of [256, 1024]) {
    it(`keeps those that are open, with ${openFiles} files, though idle sockets take the rest`, async (t) => {
      if (isMissing(t, 'util-linux', 'prlimit', '--version')) return;
      const {
        url,
        admin_url: admin,
        worker_pids: pids,
        max_connections: most,
      } = await startLimited(t, openFiles);
      const clients: Client[] = [];
      for (let opened = 0; opened < most; opened++) clients.push(await connect(url));
      for (const client of clients) await client.next();
      const idle = openIdle(url, 200);
      await sleep(1500);

      const stats = async (): Promise<StatsDocument> =>
        (await (await fetch(`${admin}/stats`)).json()) as StatsDocument;
      const [worker = 0] = pids;
      const before = cpuTicks(worker);
      await sleep(1000);
      // A figure far from the 600 ms and more of one that tries to accept without end.
      assert.ok(cpuTicks(worker) - before < 20, 'it spins');
      for (const client of clients) await echoes(client, 'still there');
      const { connections, workers_restarted_total: restarted } = await stats();
      assert.equal(connections, most);
      assert.equal(restarted, 0);

      for (const socket of idle) socket.destroy();
      clients.pop()?.socket.close();
      await until(async () => {
        try {
          const late = await connect(url);
          await late.next();
          late.socket.close();
          return true;
        } catch {
          return false;
        }
      });
      for (const client of clients) client.socket.close();
    });
  }
});
