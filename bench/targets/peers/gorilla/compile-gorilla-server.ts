/** Builds the Go server: a peer in the benchmark, and in the tests a server that Tidemark knows nothing about. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageFolder } from '../../../../program/package.js';

/** Where Debian's golang-github-gorilla-websocket-dev puts its source. */
const goPath = '/usr/share/gocode';

/** tsc does not compile Go sources, so they stay in their folder of the package. */
const source = join(packageFolder, 'bench/targets/peers/gorilla/main.go');

/** Returns what is missing to build it, in words; undefined if nothing is. */
export function missingForGorilla(): string | undefined {
  if (spawnSync('go', ['version']).status !== 0) return 'Go is missing: apt-get install golang-go';
  if (existsSync(join(goPath, 'src/github.com/gorilla/websocket'))) return undefined;
  return 'gorilla/websocket is missing: apt-get install golang-github-gorilla-websocket-dev';
}

/** Builds it into a folder and returns the path of the program. */
export function buildGorillaServer(folder: string): string {
  return buildGoProgram(source, join(folder, 'gorilla'));
}

/** Builds a Go program that uses gorilla/websocket, next to its build cache, and returns its path. */
export function buildGoProgram(from: string, program: string): string {
  const folder = dirname(program);
  execFileSync('go', ['build', '-o', program, from], {
    env: {
      ...process.env,
      GO111MODULE: 'off',
      GOPATH: goPath,
      GOFLAGS: '',
      GOCACHE: join(folder, 'go-cache'),
    },
  });
  return program;
}
