import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  buildGoProgram,
  missingForGorilla,
} from '../../bench/targets/peers/gorilla/compile-gorilla-server.js';
import {
  missingForNetty,
  nettyClassPath,
} from '../../bench/targets/peers/netty/compile-netty-server.js';
import { tidemarkProgram } from '../../bench/targets/child-program.js';
import { packageFolder } from '../../program/package.js';
import { findBun, missingForBun, missingForPython, python } from '../peers/server-peers.js';

/** The programs whose behaviour is known. */
export type KnownServerName = 'uws' | 'uws-tls' | 'ws' | 'python' | 'go' | 'java' | 'bun';

/** How to start one of them. */
interface KnownServer {
  /** What is missing for it on this machine, in words; undefined if nothing is. */
  readonly missing: () => string | undefined;
  /**
   * Returns its command line. What has to be compiled goes into a folder.
   * @param port that it is to listen on
   * @param target what the case gives it
   * @param folder for programs, which all cases share, with the certificate `cert.pem` and its `key.pem`
   */
  readonly command: (port: number, target: readonly string[], folder: string) => readonly string[];
}

const sources = join(packageFolder, 'test/ground-truth/servers');

function compiled(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Every known server. */
export const knownServers: Readonly<Record<KnownServerName, KnownServer>> = {
  uws: {
    missing: () => undefined,
    command: (port, target) => [
      process.execPath,
      compiled('./known-target.js'),
      `--port=${port}`,
      ...target,
    ],
  },
  'uws-tls': {
    missing: () => undefined,
    command: (port, target, folder) => [
      process.execPath,
      tidemarkProgram,
      'server',
      `--port=${port}`,
      '--admin-port=0',
      `--tls-cert=${join(folder, 'cert.pem')}`,
      `--tls-key=${join(folder, 'key.pem')}`,
      ...target,
    ],
  },
  ws: {
    missing: () => undefined,
    command: (port, target) => [
      process.execPath,
      compiled('./servers/ws-known-server.js'),
      String(port),
      ...target,
    ],
  },
  python: {
    missing: missingForPython,
    command: (port, target) => [
      python,
      join(sources, 'python_known_server.py'),
      String(port),
      ...target,
    ],
  },
  go: {
    missing: missingForGorilla,
    command: (port, target, folder) => {
      const program = join(folder, 'go-known-server');
      if (!existsSync(program)) buildGoProgram(join(sources, 'go/main.go'), program);
      return [program, String(port), ...target];
    },
  },
  java: {
    missing: missingForNetty,
    command: (port, target, folder) => {
      const classes = join(folder, 'java');
      if (!existsSync(classes)) {
        execFileSync('javac', [
          '-classpath',
          nettyClassPath,
          '-d',
          classes,
          join(sources, 'KnownServer.java'),
        ]);
      }
      return [
        'java',
        '-classpath',
        `${classes}:${nettyClassPath}`,
        'KnownServer',
        String(port),
        ...target,
      ];
    },
  },
  bun: {
    missing: missingForBun,
    command: (port, target) => [
      findBun() ?? 'bun',
      join(sources, 'bun-known-server.js'),
      String(port),
      ...target,
    ],
  },
};
