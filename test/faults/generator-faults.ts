import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { tidemarkProgram } from '../../bench/targets/child-program.js';
import type { FailureCode } from '../../loadgen/report/failure-codes.js';
import { listErrors } from '../../loadgen/report/counts.js';
import type { ReportLine, SummaryLine } from '../../loadgen/report/report-lines.js';
import {
  type HarmfulServer,
  startDeafServer,
  startDeflateBomber,
  startFragmentGreeter,
  startGiantGreeter,
  startPingFlooder,
} from '../end-to-end/harmful-servers.js';
import type { Fault, FaultOutcome } from './fault.js';
import { isThere, peakBytesOf } from '../end-to-end/process-figures.js';

/** Of a generator of 20 connections under the default limits: what its process takes anyway, 256 MiB of them, and room, in bytes. */
const mostPeakBytes = 512 * 1024 ** 2;

/** How often its memory is looked at, in milliseconds. */
const lookEveryMs = 50;

/** Longest run: 4 s are asked for, and a close may go unanswered for 10. In seconds. */
const mostSeconds = 20;

const harm = (
  name: string,
  start: () => Promise<HarmfulServer>,
  code: FailureCode,
  args: readonly string[] = [],
): Fault => ({
  name: `a server ${name}`,
  expected: `bounded in memory and time: ${code}`,
  happen: async () => {
    const server = await start();
    try {
      return await generate(server.url, code, args);
    } finally {
      await server.stop();
    }
  },
});

/** Runs a generator with 20 connections that are held for 4 s, and looks at its memory meanwhile. */
async function generate(
  url: string,
  code: FailureCode,
  args: readonly string[],
): Promise<FaultOutcome> {
  const load = ['--connections=20', '--rate=max', '--hold=4s', '--processes=1'];
  const child = spawn(
    process.execPath,
    [tidemarkProgram, 'loadgen', url, ...load, '--json-lines', '--quiet', ...args],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = once(child, 'close');
  let pids: readonly number[] = [];
  let summary: SummaryLine | undefined;
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, ...pids.map(peakBytesOf));
  }, lookEveryMs);
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as ReportLine;
    if (line.kind === 'started') pids = [line.coordinator_pid, ...line.process_pids];
    if (line.kind === 'summary') summary = line;
  }
  const [status, signal] = (await ended) as [number | null, string | null];
  clearInterval(timer);
  const exitStatus = status ?? signal ?? '';
  const left = pids.filter(isThere).length;
  const times = summary?.errors[code] ?? 0;
  const seconds = summary?.elapsed_s ?? 0;
  const mebibytes = (peakBytes / 1024 ** 2).toFixed(0);
  return {
    outcome: `${summary === undefined ? 'no summary' : listErrors(summary)}; ${mebibytes} MiB at the peak, ${seconds.toFixed(0)} s`,
    mistakes: [
      ...(times > 0 ? [] : [`nothing failed by ${code}`]),
      ...(exitStatus === 1 ? [] : [`exit ${exitStatus}, not 1`]),
      ...(peakBytes > 0 && peakBytes < mostPeakBytes ? [] : ['the memory is not bounded']),
      ...(seconds < mostSeconds ? [] : ['the time is not bounded']),
      ...(left === 0 ? [] : [`${left} processes are left`]),
    ],
    childrenLeft: left,
    exitStatus,
  };
}

/** What servers do to `tidemark loadgen`. */
export const generatorFaults: readonly Fault[] = [
  harm('greets with 90 MB in one frame', () => startGiantGreeter(90e6), 'message_too_large'),
  harm(
    'greets with 90 MB in fragments',
    () => startFragmentGreeter(90e6, 1e6),
    'message_too_large',
  ),
  harm(
    'greets with 90 MB, deflated to 90 kB',
    () => startDeflateBomber(90e6, 1),
    'message_too_large',
    ['--deflate'],
  ),
  harm('pings on and on and reads nothing', startPingFlooder, 'unsent_too_large'),
  harm('reads nothing of 1 MB messages', startDeafServer, 'unsent_too_large', [
    '--message-rate=400',
    '--payload-size=1MB',
  ]),
];
