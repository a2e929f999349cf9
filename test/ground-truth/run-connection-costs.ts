/**
 * Measures what a connection costs in several servers, plain, with permessage-deflate and with TLS, and what of it stays after four waves:
 * `npm run connection-costs -- --out FOLDER`. Writes the summary.json of each run into the folder, and prints a Markdown table. Exit
 * status 0 if every server that is installed could be measured.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { RunSummary } from '../../bench/results/summary.js';
import { missingForNetty } from '../../bench/targets/peers/netty/compile-netty-server.js';
import { exitStatus, messageOf } from '../../program/failure.js';
import { markdownTable } from '../../program/markdown.js';
import { addOptions, option, readOptions } from '../../program/option-table.js';
import {
  bytesOrDash,
  countOrDash,
  formatCount,
  parseWholeNumber,
} from '../../program/quantities.js';
import { findNativeBinding } from '../../server/native-binding.js';
import { makeCertificate } from '../end-to-end/make-certificate.js';
import { describeMachine, runBench } from '../peers/bench-runs.js';
import { findBun, python } from '../peers/server-peers.js';
import { bundled, known, type MeasuredServer } from './measured-servers.js';

const optionTable = {
  connections: option({
    group: 'Connection costs',
    argument: 'N',
    summary: 'connections in each wave',
    parse: (text) => parseWholeNumber(text, 1, 18_000),
    default: 10_000,
  }),
  out: option<string>({
    group: 'Connection costs',
    argument: 'FOLDER',
    summary: 'where the summaries of the runs go',
    parse: (text) => text,
    default: 'results/connection-costs',
  }),
};

/** For all: slow enough that Python's server keeps up. */
const commonArguments = ['--waves=4', '--rate=1500', '--baseline=3s', '--hold=4s', '--rest=4s'];

/** A server with its settings. */
interface Row {
  /** File name of its summary. */
  readonly id: string;
  readonly version: () => string;
  readonly settings: string;
  readonly server: MeasuredServer;
}

const netty = missingForNetty();
const rows: readonly Row[] = [
  row('uws', uwsVersion, 'plain', bundled('uWebSockets.js', ['--target=uws'])),
  row(
    'uws-shared',
    uwsVersion,
    'deflate, shared',
    bundled('uWebSockets.js', ['--target=uws', '--compression=shared', '--deflate']),
  ),
  row(
    'uws-dedicated',
    uwsVersion,
    'deflate, dedicated-3kb',
    bundled('uWebSockets.js', ['--target=uws', '--compression=dedicated-3kb', '--deflate']),
  ),
  row('uws-tls', uwsVersion, 'TLS', known('uWebSockets.js', 'uws-tls', [], true)),
  row('ws', wsVersion, 'plain', bundled('ws', ['--target=ws'])),
  row('ws-deflate', wsVersion, 'deflate', bundled('ws', ['--target=ws', '--deflate'])),
  row('ws-tls', wsVersion, 'TLS', known('ws', 'ws', ['none', '0'], true)),
  row('netty', nettyVersion, 'plain', bundled('Netty', ['--target=netty'], netty)),
  row(
    'netty-deflate',
    nettyVersion,
    'deflate',
    bundled('Netty', ['--target=netty', '--deflate'], netty),
  ),
  row('go', gorillaVersion, 'plain', known('Go, gorilla/websocket', 'go', ['none', '0'])),
  row('python', pythonVersion, 'plain', known('Python, websockets', 'python', ['none', '0'])),
  row(
    'python-tls',
    pythonVersion,
    'TLS',
    known('Python, websockets', 'python', ['none', '0'], true),
  ),
  row('bun', bunVersion, 'plain', known('Bun', 'bun', ['none', '0'])),
];

function row(id: string, version: () => string, settings: string, server: MeasuredServer): Row {
  return { id, version, settings, server };
}

const command = new Command('connection-costs');
addOptions(command, optionTable);
command.parse();
const options = readOptions(command, optionTable);
const work = mkdtempSync(join(tmpdir(), 'tidemark-connection-costs-'));
try {
  process.exitCode = await measureAll();
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function measureAll(): Promise<number> {
  mkdirSync(options.out, { recursive: true });
  makeCertificate(join(work, 'cert.pem'), join(work, 'key.pem'));
  let isMissed = false;
  const lines: string[][] = [];
  for (const { id, version, settings, server } of rows) {
    process.stderr.write(`${server.name}, ${settings}\n`);
    const head = [server.name, settings];
    try {
      if (server.missing !== undefined) {
        lines.push([...head, `not installed: ${server.missing}`, '', '', '', '']);
        continue;
      }
      const args = await server.argumentsIn(work);
      const { summary } = await runBench(work, options.connections, ...commonArguments, ...args);
      writeFileSync(join(options.out, `${id}.json`), `${JSON.stringify(summary, null, 2)}\n`);
      lines.push([`${server.name} ${version()}`, settings, ...cellsOf(summary)]);
    } catch (error) {
      isMissed = true;
      lines.push([...head, `not measured: ${messageOf(error)}`, '', '', '', '']);
    }
  }
  process.stdout.write(
    `${markdownTable(['server', 'settings', 'private', 'RSS', 'per GiB', 'stays', 'verdict'], lines)}\n\n` +
      `${formatCount(options.connections)} connections in each of 4 waves, ${describeMachine()}\n`,
  );
  return isMissed ? exitStatus.failed : exitStatus.done;
}

/** What a run tells: private bytes per connection with its interval, RSS, connections per GiB, what stays, and the verdict. */
function cellsOf(summary: RunSummary): string[] {
  const {
    bytes_per_connection: bytes,
    bytes_per_connection_low: low,
    bytes_per_connection_high: high,
    rss_bytes_per_connection: rss,
  } = summary;
  const stays = summary.judgements.find(({ owner }) => owner === 'whole')?.retained_bytes;
  return [
    `${bytesOrDash(bytes)} (${bytesOrDash(low)} to ${bytesOrDash(high)})`,
    bytesOrDash(rss),
    countOrDash(bytes === undefined ? undefined : Math.floor(2 ** 30 / bytes)),
    bytesOrDash(stays === undefined ? undefined : Math.max(0, stays) / options.connections),
    summary.verdict,
  ];
}

function uwsVersion(): string {
  return findNativeBinding(undefined).version;
}

function wsVersion(): string {
  const path = createRequire(import.meta.url).resolve('ws/package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version;
}

function nettyVersion(): string {
  return debianVersion('libnetty-java');
}

function gorillaVersion(): string {
  return debianVersion('golang-github-gorilla-websocket-dev');
}

function pythonVersion(): string {
  return execFileSync(python, ['-c', 'import websockets; print(websockets.__version__)'], {
    encoding: 'utf8',
  }).trim();
}

function bunVersion(): string {
  return execFileSync(findBun() ?? 'bun', ['--version'], { encoding: 'utf8' }).trim();
}

/** The version of a Debian package, without that of its packaging. */
function debianVersion(name: string): string {
  const version = execFileSync('dpkg-query', ['--show', '--showformat=${Version}', name], {
    encoding: 'utf8',
  });
  return version.replace(/^\d+:|-[^-]*$/g, '');
}
