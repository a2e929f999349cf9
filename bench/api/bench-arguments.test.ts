import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { benchArguments, type Setting } from './bench-arguments.js';

describe('benchArguments()', () => {
  const cases: readonly (readonly [Readonly<Record<string, Setting>>, readonly string[]])[] = [
    [{}, []],
    [{ connections: 200, hold: '30s' }, ['--connections=200', '--hold=30s']],
    [{ maxTime: '5m', rate: undefined }, ['--max-time=5m']],
    [{ deflate: true, trim: true }, ['--deflate', '--trim']],
    [{ deflate: false, greeting: false, trim: false }, ['--no-deflate', '--no-greeting']],
    [{ greeting: '' }, ['--greeting=']],
    [{ header: ['A: 1', 'B: 2'] }, ['--header=A: 1', '--header=B: 2']],
    [{ sourceIps: ['127.0.0.1', '127.0.0.2'] }, ['--source-ips=127.0.0.1,127.0.0.2']],
    // What is misspelt goes on to the bench, which names it.
    [{ conections: 5 }, ['--conections=5']],
  ];
  for (const [settings, args] of cases) {
    it(`turns ${JSON.stringify(settings)} into ${args.join(' ')}`, () => {
      assert.deepEqual(benchArguments(settings), args);
    });
  }
});
