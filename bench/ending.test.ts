import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { collectGarbage } from '../machine/v8.js';
import { createEnding } from './ending.js';

const never = (): Promise<never> => new Promise(() => undefined);

describe('createEnding()', () => {
  it('passes on what comes before the end', async () => {
    const { orEnd } = createEnding(new AbortController().signal);
    assert.equal(await orEnd(Promise.resolve(42)), 42);
    await assert.rejects(orEnd(Promise.reject(new Error('no'))), /^Error: no$/);
  });

  it('rejects all that is waited for, and whatever is waited for later, with the first reason', async () => {
    const { end, orEnd } = createEnding(new AbortController().signal);
    const waits = [orEnd(never()), orEnd(never())];
    end(new Error('first'));
    end(new Error('second'));
    for (const wait of waits) await assert.rejects(wait, /^Error: first$/);
    await assert.rejects(orEnd(never()), /^Error: first$/);
  });

  it('ends by an interruption, also by one that came before', async () => {
    const interrupted = AbortSignal.abort(new Error('interrupted'));
    await assert.rejects(createEnding(interrupted).orEnd(never()), /^Error: interrupted$/);
  });

  it('keeps nothing of what it has waited for', async () => {
    const { orEnd } = createEnding(new AbortController().signal);
    const hold = async (count: number): Promise<number> => {
      for (let index = 0; index < count; index++) {
        await orEnd(Promise.resolve(new Array<number>(100).fill(index)));
      }
      await setImmediate();
      await collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await hold(2000);
    const grown = (await hold(20_000)) - before;
    // Raced with the end, each would keep its 800 B.
    assert.ok(grown < 4 * 1024 ** 2, String(grown));
  });
});
