/** Our server and `ws` against the rules of RFC 6455 and RFC 7692, over raw sockets. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Target } from '../bench/targets/target.js';
import { conformanceCases } from '../conformance/cases.js';
import { fuzz } from '../conformance/fuzz.js';
import { type CaseResult, runCase } from '../conformance/run-case.js';
import {
  conformanceServers,
  startConformanceServer,
  unknownFailures,
} from '../conformance/servers.js';

for (const server of conformanceServers) {
  describe(`the ${server} server`, () => {
    const targets: Target[] = [];
    let plainPort = 0;
    let deflatingPort = 0;
    before(async () => {
      for (const isDeflated of [false, true]) {
        targets.push(await startConformanceServer(server, isDeflated));
      }
      [plainPort = 0, deflatingPort = 0] = targets.map(({ url }) => Number(new URL(url).port));
    });
    after(async () => {
      for (const target of targets) {
        target.kill();
        await target.ended;
      }
    });

    it('keeps to the rules, but for what is known of it', async () => {
      const failed: { readonly name: string; readonly result: CaseResult }[] = [];
      for (const each of conformanceCases) {
        const port = each.isDeflated === true ? deflatingPort : plainPort;
        const result = await runCase(each, port);
        if (result.kind === 'fail') failed.push({ name: each.name, result });
      }
      const names = failed.map(({ name }) => name);
      assert.deepEqual(unknownFailures(server, names), [], JSON.stringify(failed));
    });

    it('lives through random frames, and answers those who keep to the rules', async () => {
      const result = await fuzz(plainPort, { frames: 20_000, seed: 6455 });
      assert.equal(result.frames, 20_000);
      assert.ok(result.connections > 100 && result.ended > 50, JSON.stringify(result));
      assert.ok(result.healthyAsked > 0);
      assert.equal(result.healthyEchoes, result.healthyAsked);
    });
  });
}
