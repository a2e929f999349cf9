/** The measures of the benchmark, with few connections: that they measure, not what. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { endAtOnce } from '../../bench/targets/child-program.js';
import { compileBaselines, missingForBaselines } from '../peers/baselines.js';
import { generatorPeers } from '../peers/generator-peers.js';
import { measureServer } from '../peers/measure-servers.js';
import { serverPeers } from '../peers/server-peers.js';
import { isLeftOut } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-benchmark-test-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const isCompilerMissing = (t: TestContext): boolean => isLeftOut(t, missingForBaselines());

function assertMeasured(figures: object): void {
  for (const [name, value] of Object.entries(figures)) {
    assert.ok(Number.isFinite(value), `${name} is ${String(value)}`);
  }
}

describe('a server of the benchmark', () => {
  // Bun is no package of a distribution, and one build of uWebSockets.js at least loads everywhere.
  for (const name of ['uws', 'ws', 'Netty', 'Go gorilla', 'Python websockets']) {
    it(`is measured: ${name}`, async (t) => {
      if (isCompilerMissing(t)) return;
      const candidates = serverPeers.filter((peer) => peer.name.startsWith(name));
      const peer = candidates.find((each) => each.missing() === undefined);
      if (isLeftOut(t, peer === undefined ? candidates[0]?.missing() : undefined)) return;
      assert.ok(peer !== undefined);
      const load = { connections: 500, echoSeconds: 0.5 };
      const figures = await measureServer(peer, folder, compileBaselines(folder), load);
      assertMeasured(figures);
      assert.ok(figures.connectionsPerSecond > 0 && figures.echoesPerSecond > 0);
      assert.ok(figures.cpuMicrosPerEcho > 0);
    });
  }
});

describe('a generator of the benchmark', () => {
  for (const name of ['tidemark loadgen', 'C,', 'ws,']) {
    it(`is measured: ${name}`, async (t) => {
      if (isCompilerMissing(t)) return;
      const peer = generatorPeers.find((each) => each.name.startsWith(name));
      const server = serverPeers.find(
        (each) => each.name.startsWith('uws') && each.missing() === undefined,
      );
      assert.ok(peer !== undefined && server !== undefined);
      const target = await server.start(folder);
      try {
        const { port } = new URL(target.url);
        const figures = await peer.measure(port, 500, compileBaselines(folder));
        assertMeasured(figures);
        assert.ok(figures.connectionsPerSecond > 0 && figures.pssBytesPerConnection > 0);
      } finally {
        await endAtOnce(target);
      }
    });
  }
});
