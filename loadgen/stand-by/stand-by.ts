import { type ChildProcess, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { openAdminPort, reply } from '../../program/admin-port.js';
import { endingSignals } from '../../program/ending-signals.js';
import { RunError } from '../../program/failure.js';
import { environmentWithoutOptions } from '../../program/option-table.js';
import { LoadMetrics, metricsRoutes } from '../report/metrics.js';
import type { ReportLine } from '../report/report-lines.js';
import { type EndedLine, longestRequestBytes, parseRunRequest } from './run-request.js';

/** Where a generator waits for runs. */
export interface StandByOptions {
  readonly adminHost: string;
  readonly adminPort: number;
}

/** A run that was asked for, and the process that carries it out. */
interface Run {
  readonly child: ChildProcess;
}

/**
 * Waits for runs that are asked for over HTTP, until SIGTERM or SIGINT. Each run is a generator of its own, so that
 * runs don't share memory. One at a time:
 *
 * - `POST /runs`, body: JSON array, the URL and then options. The answer is the run's report lines as they come, then
 *   an {@link EndedLine}. Who hangs up ends the run.
 * - `DELETE /runs`: the run drains and ends.
 * - `GET /healthz`, `GET /metrics`.
 *
 * @throws {RunError} if the address can't be had.
 */
export async function standBy(
  options: StandByOptions,
  announce: (url: string) => void,
): Promise<void> {
  const metrics = new LoadMetrics();
  let run: Run | undefined;
  const stop = (): void => {
    run?.child.kill('SIGTERM');
  };
  const port = await openAdminPort(options.adminHost, options.adminPort, {
    ...metricsRoutes(metrics),
    'POST /runs': async (request, response) => {
      const args = await readRequest(request, response);
      if (args === undefined) return;
      if (run !== undefined) {
        reply(response, 409, 'text/plain', 'A run is under way: DELETE /runs ends it\n');
        return;
      }
      const child = startRun(args);
      run = { child };
      try {
        await streamRun(child, response, metrics);
      } finally {
        run = undefined;
      }
    },
    'DELETE /runs': (_, response) => {
      stop();
      reply(response, 202, 'text/plain', run === undefined ? 'There is no run\n' : 'Draining\n');
    },
  });
  announce(port.url);
  await untilSignal();
  stop();
  port.close();
}

async function readRequest(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<readonly string[] | undefined> {
  // A page in somebody's browser can't send this type to another origin without being asked first.
  if (request.headers['content-type'] !== 'application/json') {
    reply(response, 415, 'text/plain', 'Send application/json\n');
    return undefined;
  }
  let body = '';
  request.setEncoding('utf8');
  for await (const chunk of request as AsyncIterable<string>) {
    body += chunk;
    if (body.length > longestRequestBytes) {
      reply(response, 413, 'text/plain', `At most ${longestRequestBytes} bytes\n`);
      return undefined;
    }
  }
  try {
    return parseRunRequest(body);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    reply(response, 400, 'text/plain', `${error.message}\n`);
    return undefined;
  }
}

function startRun(args: readonly string[]): ChildProcess {
  const [program = ''] = process.argv.slice(1);
  return spawn(process.execPath, [program, 'loadgen', ...args, '--json-lines', '--quiet'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: environmentWithoutOptions(),
  });
}

/** Sends the lines of a run as they come, and settles when it has ended. */
async function streamRun(
  child: ChildProcess,
  response: ServerResponse,
  metrics: LoadMetrics,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
  // So that who asked knows that it was heard before the first line.
  response.flushHeaders();
  response.on('close', () => {
    child.kill('SIGTERM');
  });
  let lastErrorLine = '';
  if (child.stderr !== null) {
    createInterface(child.stderr).on('line', (line) => {
      if (line.trim() !== '') lastErrorLine = line.trim().replace(/^tidemark: /, '');
    });
  }
  if (child.stdout !== null) {
    createInterface(child.stdout).on('line', (line) => {
      response.write(`${line}\n`);
      metrics.take(JSON.parse(line) as ReportLine);
    });
  }
  const end = await whenEnded(child);
  metrics.endRun();
  const line: EndedLine = { kind: 'exit', ...end, last_error_line: lastErrorLine };
  response.end(`${JSON.stringify(line)}\n`);
}

function whenEnded(child: ChildProcess): Promise<Pick<EndedLine, 'exit_status' | 'signal'>> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new RunError(`Cannot start the load generator: ${error.message}`, { cause: error }));
    });
    child.once('close', (exitStatus, signal) => {
      resolve({ exit_status: exitStatus, signal });
    });
  });
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve();
    };
    for (const signal of endingSignals) process.once(signal, end);
  });
}
