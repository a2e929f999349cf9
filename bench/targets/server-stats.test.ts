import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { RunError } from '../../program/failure.js';
import { parseStats, readStats } from './server-stats.js';

const memory = {
  rss_bytes: 6,
  js_heap_used_bytes: 1,
  js_heap_total_bytes: 2,
  js_heap_resident_bytes: 3,
  js_external_bytes: 4,
  js_array_buffers_bytes: 5,
};
const stats = {
  connections: 3,
  connections_opened_total: 10,
  greetings_sent_total: 9,
  workers_restarted_total: 2,
  workers_lost: [
    { pid: 38, at: '2026-11-26T12:00:00.000Z', signal: 'SIGKILL', status: null },
    { pid: 39, at: '2026-11-26T12:00:01.000Z', signal: null, status: 3 },
    { pid: 37, at: '2026-11-26T12:00:01.000Z', signal: '=cmd|x', status: null },
    { pid: '36' },
  ],
  supervisor: { pid: 40, memory },
  workers: [{ pid: 41, connections: 3, memory, report_age_s: 1.5 }],
};

async function serve(t: TestContext, body: string): Promise<string> {
  const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/stats`;
}

describe('parseStats()', () => {
  it('reads the figures of a server and of each of its processes', () => {
    const { processes, ...totals } = parseStats(JSON.stringify(stats));
    assert.deepEqual(totals, {
      connections: 3,
      openedTotal: 10,
      greetingsSentTotal: 9,
      workersRestartedTotal: 2,
      oldestReportSeconds: 1.5,
      lost: [
        { pid: 38, how: 'was killed by SIGKILL' },
        { pid: 39, how: 'ended with status 3' },
      ],
    });
    assert.deepEqual(
      processes.map(({ pid, connections }) => [pid, connections]),
      [
        [40, undefined],
        [41, 3],
      ],
    );
  });

  it('refuses what is no figure, wherever it stands', () => {
    const formula = "=cmd|'/c calc'!A0";
    const wrong = [
      { ...stats, connections: formula },
      { ...stats, greetings_sent_total: -1 },
      { ...stats, connections_opened_total: undefined },
      { ...stats, supervisor: undefined },
      {
        ...stats,
        workers: [{ pid: 41, connections: 3, memory: { ...memory, rss_bytes: formula } }],
      },
      { ...stats, workers: [{ pid: formula, connections: 3, memory }] },
      [],
      null,
    ];
    for (const document of wrong) {
      assert.throws(() => parseStats(JSON.stringify(document)), /is not a number$/);
    }
    assert.throws(() => parseStats('<html>'), SyntaxError);
  });
});

describe('readStats()', () => {
  it('says in one line what is wrong with what answers', async (t) => {
    const url = await serve(t, '{"connections":"=1+1"}');
    await assert.rejects(readStats(url), (error) => {
      assert.ok(error instanceof RunError);
      assert.match(
        error.message,
        /^Cannot read http.*: it is not the document of a tidemark server/,
      );
      return true;
    });
  });

  it('reads no more than a document can have', async (t) => {
    const url = await serve(t, ' '.repeat(5 * 1024 * 1024));
    await assert.rejects(readStats(url), /answers with more than 4 MiB.*--admin-url/);
  });

  it('goes without where nothing answers', async () => {
    assert.equal(await readStats('http://127.0.0.1:1/stats'), undefined);
  });
});
