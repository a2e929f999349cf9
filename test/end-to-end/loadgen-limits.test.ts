import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FailureCode } from '../../loadgen/report/failure-codes.js';
import {
  type HarmfulServer,
  startCloseIgnorer,
  startCrumbGreeter,
  startDeafServer,
  startDeflateBomber,
  startFragmentGreeter,
  startGiantGreeter,
  startPingFlooder,
  startUnfinishedGreeter,
} from './harmful-servers.js';
import { type LoadgenResult, startLoadgen } from './loadgen-process.js';
import { peakBytesOf } from './process-figures.js';
import { assertOneLine } from './program.js';

const mebibyte = 1024 ** 2;

/** Memory of a process of the generator that opens 20 connections to a server that does no harm, with room to spare. */
const usualBytes = 110 * mebibyte;

/** Runs `tidemark loadgen` with one process and says how much memory that had at most, as far as it was looked at. */
async function runMeasured(
  ...args: readonly string[]
): Promise<LoadgenResult & { readonly peakBytes: number }> {
  const run = startLoadgen(...args, '--processes', '1', '--rate', 'max');
  const started = await run.waitFor(({ kind }) => kind === 'started');
  assert.ok(started.kind === 'started');
  const [pid = 0] = started.process_pids;
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakBytesOf(pid));
  }, 20);
  const result = await run.result;
  clearInterval(timer);
  return { ...result, peakBytes };
}

const shelf: {
  readonly name: string;
  readonly start: () => Promise<HarmfulServer>;
  readonly args: readonly string[];
  readonly code: FailureCode;
  /** What the limits that are given allow, in bytes. */
  readonly allowedBytes: number;
  /** Whether each connection meets the limit; otherwise some of them. */
  readonly isForAll: boolean;
}[] = [
  {
    name: 'sends a message of 90 MB in one frame',
    start: () => startGiantGreeter(90e6),
    args: [],
    code: 'message_too_large',
    // A frame says how long it is before any of it comes.
    allowedBytes: 0,
    isForAll: true,
  },
  {
    name: 'sends a message of 90 MB in fragments',
    start: () => startFragmentGreeter(90e6, 1e6),
    args: ['--max-message', '4MB'],
    code: 'message_too_large',
    allowedBytes: 20 * 4e6,
    isForAll: true,
  },
  {
    name: 'sends a message of 90 MB that is deflated to 90 kB',
    start: () => startDeflateBomber(90e6, 1),
    args: ['--deflate', '--max-message', '4MB'],
    code: 'message_too_large',
    // Four are inflated at once.
    allowedBytes: 4 * 4e6,
    isForAll: true,
  },
  {
    name: 'never sends the last byte of its messages',
    start: () => startUnfinishedGreeter(5e6),
    args: ['--max-buffered', '40MB'],
    code: 'memory_exceeded',
    allowedBytes: 40e6,
    isForAll: false,
  },
  {
    name: 'sends fragments of one byte, and no last one',
    start: () => startCrumbGreeter(15_000),
    args: ['--max-buffered', '20MB'],
    code: 'memory_exceeded',
    allowedBytes: 20e6,
    isForAll: false,
  },
  {
    name: 'pings on and on and reads no pong',
    start: startPingFlooder,
    args: ['--max-unsent', '100kB', '--duration', '20s'],
    code: 'unsent_too_large',
    allowedBytes: 20 * 0.1e6,
    isForAll: true,
  },
  {
    name: 'reads no message',
    start: startDeafServer,
    args: [
      '--message-rate',
      '400',
      '--payload-size',
      '1MB',
      '--max-unsent',
      '2MB',
      '--duration',
      '20s',
    ],
    code: 'unsent_too_large',
    // Two are within the limit, and then one that is not.
    allowedBytes: 20 * 3e6,
    isForAll: true,
  },
  {
    name: 'reads no message, of many connections whose limits come to more than the process may keep',
    start: startDeafServer,
    args: [
      '--message-rate',
      '400',
      '--payload-size',
      '1MB',
      '--max-buffered',
      '30MB',
      '--hold',
      '4s',
    ],
    code: 'memory_exceeded',
    allowedBytes: 30e6,
    isForAll: false,
  },
];

describe(
  'the memory of tidemark loadgen is bounded with a server that',
  { skip: process.platform !== 'linux' },
  () => {
    for (const { name, start, args, code, allowedBytes, isForAll } of shelf) {
      it(name, async (t) => {
        const server = await start();
        t.after(() => server.stop());
        const hold = args.some((each) => each === '--hold' || each === '--duration')
          ? []
          : ['--hold', '2s'];
        const { summary, peakBytes, exitStatus, stderr } = await runMeasured(
          ...[server.url, '--connections', '20', ...hold, ...args],
        );
        assert.ok(summary, stderr);
        const { [code]: met = 0 } = summary.errors;
        if (isForAll) {
          assert.equal(met, 20);
          assert.equal(exitStatus, 1);
          assertOneLine(stderr, new RegExp(`All connections to .* were lost: .*20 × ${code}.*;`));
        } else {
          assert.ok(met > 0, JSON.stringify(summary.errors));
        }
        assert.equal(summary.connections_closed_total, 20);
        assert.deepEqual(summary.discrepancies, []);
        // What is garbage already may take as much again.
        const mostBytes = usualBytes + 2 * allowedBytes;
        assert.ok(peakBytes > 0 && peakBytes < mostBytes, `${peakBytes / mebibyte} MiB`);
      });
    }
  },
);

describe('tidemark loadgen ends in time', () => {
  it('though each connection gets more messages that inflate to 10 MB than can be inflated', async (t) => {
    const server = await startDeflateBomber(10e6, Infinity);
    t.after(() => server.stop());
    const { summary, stderr } = await runMeasured(
      ...[server.url, '--connections', '20', '--deflate', '--hold', '1s'],
    );
    assert.ok(summary, stderr);
    assert.equal(summary.outcome, 'completed');
    // The run's own limit for closing 20 connections is 10 s: the server never answers a close.
    assert.ok(summary.elapsed_s < 30, `${summary.elapsed_s} s`);
    assert.equal(summary.connections_closed_total, 20);
  });

  it('and counts the closes that the server does not answer', async (t) => {
    const server = await startCloseIgnorer();
    t.after(() => server.stop());
    const run = startLoadgen(server.url, '--connections', '20', '--rate', 'max', '--hold', '0s');
    const { summary, exitStatus, stderr } = await run.result;
    assert.equal(exitStatus, 0, stderr);
    assert.equal(summary?.closes_unanswered_total, 20);
    assert.equal(summary.connections_closed_total, 20);
    assert.deepEqual(summary.discrepancies, []);
  });
});
