/** What the kernel keeps for a target that has a control group of its own. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { measure } from '../../bench/api/measure.js';
import { chargesAcceptedSockets } from '../../bench/measure/memory-limit-watch.js';
import type { RunSummary } from '../../bench/results/summary.js';
import { knownServers } from '../ground-truth/known-servers.js';
import { createResultsFolder, freePort } from './bench-process.js';
import { createMemoryGroup } from './memory-group.js';
import { isLeftOut } from './program.js';

const results = createResultsFolder();
after(results.remove);

/** Measures 1,000 connections to a `ws` server that a shell starts in its own place, after `before`. */
async function measureAfter(before: string): Promise<RunSummary> {
  const port = await freePort();
  const server = knownServers.ws.command(port, ['none', '0'], results.path).join(' ');
  const { summary } = await measure({
    ...{ connections: 1000, rate: 1000, waves: 1, interval: '200ms', rest: '1s', hold: '2s' },
    ...{ command: `${before} exec ${server}`, url: `ws://127.0.0.1:${port}` },
    out: mkdtempSync(join(results.path, 'run-')),
  });
  return summary;
}

describe('the kernel memory of a connection', () => {
  it('is that of the target’s end, in a control group that it has to itself', async (t) => {
    const reason = chargesAcceptedSockets ? undefined : 'this kernel charges no accepted sockets';
    if (isLeftOut(t, reason)) return;
    const group = createMemoryGroup(t, 1024 ** 3);
    if (group === undefined) return;
    const summary = await measureAfter(`echo $$ > ${group.members};`);
    // The socket, its inode, its file and its entries come to 3.9 kB on Linux 6.18; both ends would be twice that.
    const bytes = summary.cgroup_kernel_bytes_per_connection ?? 0;
    assert.ok(bytes > 2500 && bytes < 6000, String(bytes));
  });

  it('is not told by a control group that has other processes too', async () => {
    const summary = await measureAfter('');
    assert.equal(summary.cgroup_kernel_bytes_per_connection, undefined);
  });
});
