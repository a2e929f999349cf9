import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sumPythonSites } from './python-sites.js';

const library = '/usr/lib/python3.11/asyncio/streams.py';
const inPackage = '/usr/lib/python3/dist-packages/websockets/server.py';

describe('sumPythonSites()', () => {
  it('names the line of the package and that of the program, and adds up processes', () => {
    const lines = [['/srv/app.py', 30] as const, [library, 10] as const, [inPackage, 20] as const];
    const stack = [1, 2, 0];
    const sites = sumPythonSites([
      { lines, stacks: [[stack, 2, 100]] },
      { lines, stacks: [[stack, 1, 50]] },
    ]);
    const site = 'websockets/server.py:20 < /srv/app.py:30';
    assert.deepEqual(sites?.bytes, new Map([[site, 150]]));
    assert.deepEqual(sites.counts, new Map([[site, 3]]));
  });

  it('names the library where there is no other code, and tells nothing where nothing was traced', () => {
    const lines = [['<frozen importlib._bootstrap>', 1] as const, [library, 10] as const];
    const sites = sumPythonSites([{ lines, stacks: [[[0, 1], 1, 8]] }]);
    assert.deepEqual([...(sites?.bytes.keys() ?? [])], ['asyncio/streams.py:10']);
    assert.equal(sumPythonSites([]), undefined);
  });
});
