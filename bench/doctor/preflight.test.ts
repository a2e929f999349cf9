import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demandOf, refuseTheImpossible } from './preflight.js';

const run = {
  connections: 1000,
  rate: 2000,
  generators: [],
  processes: 'auto',
  fillsInTurn: false,
} as const;
const uws = {
  kind: 'bundled',
  name: 'uws',
  greeting: undefined,
  compression: 'off',
  workers: 'auto',
} as const;

describe('demandOf()', () => {
  it('has our server and the generator here', () => {
    assert.deepEqual(demandOf({ ...run, target: uws }), {
      connections: 1000,
      rate: 2000,
      server: 'workers',
      holdsGenerator: true,
      fillsInTurn: false,
    });
  });

  it('tells servers apart by what is known of their processes', () => {
    const places = [
      demandOf({ ...run, target: { ...uws, name: 'netty' } }),
      demandOf({ ...run, target: { kind: 'command', command: 'x', url: 'ws://127.0.0.1:1' } }),
    ].map(({ server }) => server);
    assert.deepEqual(places, ['one process', 'started']);
  });

  it('has as many processes as the user has chosen', () => {
    const chosen = demandOf({ ...run, processes: 3, target: { ...uws, workers: 5 } });
    assert.equal(chosen.workers, 5);
    assert.equal(chosen.generators, 3);
  });

  it('leaves the generator to others that stand by', () => {
    const generators = ['http://127.0.0.1:9091'];
    assert.equal(demandOf({ ...run, generators, target: uws }).holdsGenerator, false);
  });
});

describe('refuseTheImpossible()', () => {
  it('lets a small run begin', () => {
    refuseTheImpossible({ ...run, target: uws });
  });

  it('says what stops a run, the most that can be, and where to read on', () => {
    assert.throws(
      () => {
        refuseTheImpossible({ ...run, connections: 100_000_000, target: uws });
      },
      {
        name: 'RunError',
        message:
          /^Cannot open 100,000,000 connections: .*memory available: .*, which is enough for about [\d,]+; tidemark doctor --connections 100000000 says what lifts it$/,
      },
    );
  });
});
