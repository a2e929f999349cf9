/** Builds the Go server: a peer in the benchmark, and in the tests a server that Tidemark knows nothing of. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageFolder } from '../../../../program/package.js';

/** Where Debian's golang-github-gorilla-websocket-dev puts its source. */
const goPath = '/usr/share/gocode';

/** Go sources are not compiled by tsc, so they stay in their folder of the package. */
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

/** Builds a program in Go that uses gorilla/websocket, beside its cache, and returns its path. */
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
