import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { delimiter, join } from 'node:path';
import { plainDemand, type Target } from '../../bench/targets/target.js';
import { startTarget } from '../../bench/targets/start-target.js';
import { tidemarkProgram } from '../../bench/targets/child-program.js';
import { messageOf } from '../../program/failure.js';
import {
  buildGorillaServer,
  missingForGorilla,
} from '../../bench/targets/peers/gorilla/compile-gorilla-server.js';
import { findFreePort } from '../../server/free-port.js';
import { findNativeBinding } from '../../server/native-binding.js';
import { packageFolder } from '../../program/package.js';

/** What every server of the benchmark writes on open: 109 bytes, as in the published comparison. */
export const greeting = `{"type":"greeting","message":"${'hello '.repeat(13)}"}`;

/** A server that is measured beside the others, in one process that accepts connections. */
export interface ServerPeer {
  readonly name: string;
  /** Says in words why it can't be started here; undefined if it can. */
  readonly missing: () => string | undefined;
  /** Starts it and waits until it listens; `folder` is for what has to be compiled. */
  readonly start: (folder: string) => Promise<Target>;
}

/** Sources that tsc does not compile stay in their folder of the package. */
const sourceOf = (path: string): string => join(packageFolder, 'bench', 'targets', 'peers', path);

/** Debian's own Python, for which its package python3-websockets is. */
export const python = '/usr/bin/python3';

const bareUwsServer = fileURLToPath(new URL('./baselines/bare-uws-server.js', import.meta.url));

/** Every peer, our own server first. */
export const serverPeers: readonly ServerPeer[] = [
  {
    name: 'uws',
    missing: missingForUws,
    start: startUws,
  },
  {
    name: 'uWebSockets.js alone',
    missing: missingForUws,
    start: () => startCommand((port) => [process.execPath, bareUwsServer, port, greeting]),
  },
  {
    name: 'ws',
    missing: () => undefined,
    start: () => startBundled('ws'),
  },
  {
    name: 'Netty',
    missing: () =>
      existsSync('/usr/share/java/netty-codec-http.jar')
        ? missingProgram('javac', '-version')
        : 'apt-get install libnetty-java openjdk-17-jdk-headless',
    start: () => startBundled('netty'),
  },
  {
    name: 'Go gorilla',
    missing: missingForGorilla,
    start: async (folder) => {
      const program = buildGorillaServer(folder);
      return startCommand((port) => [
        program,
        `-address=127.0.0.1:${port}`,
        '-compression=false',
        `-greeting=${greeting}`,
      ]);
    },
  },
  {
    name: 'Bun',
    missing: missingForBun,
    start: () =>
      startCommand((port) => [findBun() ?? 'bun', sourceOf('bun/bun-server.js'), port, greeting]),
  },
  {
    name: 'Python websockets',
    missing: missingForPython,
    start: () =>
      startCommand((port) => [python, sourceOf('python/python_server.py'), port, greeting]),
  },
];

/** Returns what is missing for servers on Python's websockets, in words; undefined if nothing is. */
export function missingForPython(): string | undefined {
  return missingProgram(python, '-c', 'import websockets');
}

/** Returns what is missing for servers on Bun, in words; undefined if nothing is. */
export function missingForBun(): string | undefined {
  return findBun() === undefined
    ? 'no bun on the PATH: npm install --prefix /tmp/bun bun, and PATH=/tmp/bun/node_modules/.bin:$PATH'
    : undefined;
}

/** Finds the bun program on the PATH; undefined if there is none. */
export function findBun(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'bun'))
    .find((path) => existsSync(path));
}

function missingForUws(): string | undefined {
  try {
    findNativeBinding(undefined);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function startUws(): Promise<Target> {
  return startCommand((port) => [
    process.execPath,
    tidemarkProgram,
    'server',
    '--workers=1',
    `--port=${port}`,
    '--admin-port=0',
    `--greeting=${greeting}`,
  ]);
}

const demand = plainDemand(20_000);

function startBundled(name: 'ws' | 'netty'): Promise<Target> {
  const choice = { kind: 'bundled', name, greeting, compression: 'off', workers: 'auto' } as const;
  return startTarget(choice, demand);
}

async function startCommand(argumentsFor: (port: string) => readonly string[]): Promise<Target> {
  const port = String(await findFreePort('127.0.0.1', 0));
  const words = argumentsFor(port).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const url = `ws://127.0.0.1:${port}`;
  return startTarget({ kind: 'command', command: `exec ${words.join(' ')}`, url }, demand);
}

function missingProgram(command: string, ...args: readonly string[]): string | undefined {
  if (spawnSync(command, args).status === 0) return undefined;
  return `"${[command, ...args].join(' ')}" fails`;
}
