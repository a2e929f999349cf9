/** Our server and `ws` against the rules of RFC 6455 and RFC 7692, over raw sockets. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { endAtOnce } from '../../bench/targets/child-program.js';
import type { Target } from '../../bench/targets/target.js';
import { conformanceCases } from '../conformance/cases.js';
import { fuzz } from '../conformance/fuzz.js';
import { withServer } from '../conformance/fuzz-target.js';
import { runCases } from '../conformance/run-case.js';
import { deviationsOf, findSurprises } from '../conformance/known-deviations.js';
import { conformanceServers, startConformanceServer, versionOf } from '../conformance/servers.js';

for (const server of conformanceServers) {
  describe(`the ${server} server`, () => {
    const targets: Target[] = [];
    let version = '';
    let plainPort = 0;
    let deflatingPort = 0;
    before(async () => {
      for (const isDeflated of [false, true]) {
        targets.push(await startConformanceServer(server, isDeflated));
      }
      [version = ''] = targets.map((target) => versionOf(server, target));
      [plainPort = 0, deflatingPort = 0] = targets.map(({ url }) => Number(new URL(url).port));
    });
    after(async () => {
      for (const target of targets) await endAtOnce(target);
    });

    it('does in every case what it is known to do: keeps to the rules, except for what is listed', async () => {
      const ports = { plain: plainPort, deflating: deflatingPort };
      const results = await runCases(conformanceCases, ports);
      assert.equal(results.length, conformanceCases.length);
      const named = conformanceCases.map(({ name }, index) => ({
        name,
        kind: results[index]?.kind ?? 'fail',
      }));
      const known = deviationsOf(server, version);
      assert.deepEqual(findSurprises(server, known, named), [], JSON.stringify(results));
      // Held against the list of the other one, every deviation of uWebSockets.js shows: as gone, or as new.
      const otherKnown = deviationsOf(server === 'uws' ? 'ws' : 'uws', '20.56.0');
      const deviating = conformanceCases.filter(({ name }) =>
        [known, otherKnown].some(({ fail, cut }) =>
          [...fail, ...cut].some((pattern) => pattern.test(name)),
        ),
      );
      assert.equal(findSurprises(server, otherKnown, named).length, deviating.length);
    });

    it('reads streams of random frames, answers each, and ends the connection after a fault', async () => {
      const result = await withServer(server, (target) =>
        fuzz(target, { frames: 20_000, seed: 6455 }),
      );
      const { framesSent, framesConsumed, answersWrong, processesLost, misdeeds } = result;
      // Whether memory grows takes more frames than that.
      assert.deepEqual(
        { answersWrong, processesLost, misdeeds },
        {
          answersWrong: 0,
          processesLost: 0,
          misdeeds: [],
        },
      );
      assert.ok(framesConsumed >= 20_000 && framesConsumed <= framesSent, String(framesConsumed));
    });
  });
}
