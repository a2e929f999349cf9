import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { ReportLine } from '../../loadgen/report/report-lines.js';
import type { EndedLine } from '../../loadgen/stand-by/run-request.js';
import { endpointOf, originOf } from '../../program/endpoint.js';
import { messageOf, RunError } from '../../program/failure.js';
import { describeEnd } from '../targets/child-program.js';
import type { GeneratorRun, StartGenerator } from './generator-run.js';

/** Longest wait for a generator's answer to a question that needs no work. */
const answerTimeoutMs = 10_000;

/**
 * Finds the generators that wait (`tidemark loadgen --stand-by`) behind these addresses: one for each IP address of the
 * host names. In a compose network that is one per replica of the service, and for a headless Kubernetes service one
 * per pod. Those of one name are sorted by address, so that their order is the same each time.
 * @throws {RunError} if a name has no address, or one of them does not answer.
 */
export async function findGenerators(
  addresses: readonly string[],
): Promise<readonly StartGenerator[]> {
  const origins = (await Promise.all(addresses.map(findOrigins))).flat();
  await Promise.all(origins.map(checkHealth));
  return origins.map(remoteGenerator);
}

async function findOrigins(address: string): Promise<string[]> {
  const { host: name, port } = endpointOf(address);
  try {
    const found = await lookup(name, { all: true });
    return [...new Set(found.map((each) => originOf('http', { host: each.address, port })))].sort();
  } catch (error) {
    throw new RunError(`Cannot find the load generators at ${address}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function checkHealth(origin: string): Promise<void> {
  const problem = await send(origin, 'GET', '/healthz').then(
    ({ statusCode = 0 }) => (statusCode === 200 ? undefined : `it answered ${statusCode}`),
    messageOf,
  );
  if (problem === undefined) return;
  throw new RunError(
    `No load generator waits at ${origin} (${problem}): start one with tidemark loadgen --stand-by`,
  );
}

function remoteGenerator(origin: string): StartGenerator {
  return async (args, onLine): Promise<GeneratorRun> => {
    const asking = post(`${origin}/runs`, JSON.stringify(args));
    const response = await answerOf(asking, origin);
    if (response.statusCode !== 200) {
      const why = (await text(response)).trim();
      throw new RunError(`The load generator at ${origin} refused the run: ${why}`);
    }
    return {
      name: `the load generator at ${origin}`,
      ended: readRun(response, onLine),
      stop: async () => {
        // If it can no longer be reached, the answer breaks off, which ends the wait too.
        await send(origin, 'DELETE', '/runs').catch(() => undefined);
        if (!response.closed) await once(response, 'close');
      },
      kill: () => {
        asking.destroy();
      },
    };
  };
}

/** Passes the lines on and says how the run ended. */
async function readRun(
  response: IncomingMessage,
  onLine: (line: ReportLine) => void,
): Promise<string> {
  let end: EndedLine | undefined;
  try {
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
      const parsed = JSON.parse(line) as ReportLine | EndedLine;
      if (parsed.kind === 'exit') end = parsed;
      else onLine(parsed);
    }
  } catch (error) {
    return `broke off: ${messageOf(error)}`;
  }
  if (end === undefined) return 'broke off: its connection was closed';
  const { exit_status: code, signal, last_error_line: errorLine } = end;
  return describeEnd({ code, signal, errorLine });
}

function post(url: string, body: string): ClientRequest {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  return request(url, { method: 'POST', headers, agent: false }).end(body);
}

async function answerOf(asking: ClientRequest, origin: string): Promise<IncomingMessage> {
  try {
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    // A connection that breaks while lines arrive shows by their end.
    asking.on('error', () => undefined);
    return response;
  } catch (error) {
    throw new RunError(`Cannot reach the load generator at ${origin}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function send(origin: string, method: string, path: string): Promise<IncomingMessage> {
  const asking = request(`${origin}${path}`, {
    method,
    agent: false,
    signal: AbortSignal.timeout(answerTimeoutMs),
  }).end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  response.resume();
  return response;
}
