import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findOtherWork, parseBusyTicks } from './other-work.js';

describe('findOtherWork()', () => {
  const process = (pid: number, ticks: number) => ({ pid, name: `p${pid}`, ticks });
  const before = { busyTicks: 1000, processes: [process(1, 50), process(2, 10), process(3, 0)] };

  it('names those who take most, without ourselves', () => {
    const after = {
      busyTicks: 1320,
      processes: [process(1, 60), process(2, 170), process(3, 130), process(4, 9000)],
    };
    // Process 4 came in between, so it is not known when its time was used.
    assert.deepEqual(findOtherWork(before, after, 2, [3]), {
      cpuPercent: 95,
      processes: [
        { pid: 2, name: 'p2', cpuPercent: 80 },
        { pid: 1, name: 'p1', cpuPercent: 5 },
      ],
    });
  });

  it('names nobody who hardly works', () => {
    const after = { busyTicks: 1001, processes: [process(1, 51)] };
    assert.deepEqual(findOtherWork(before, after, 1, []), { cpuPercent: 1, processes: [] });
  });

  it('knows nothing where the kernel does not tell', () => {
    const unknown = { busyTicks: undefined, processes: [] };
    assert.equal(findOtherWork(unknown, unknown, 1, []), undefined);
  });
});

describe('parseBusyTicks()', () => {
  it('adds what is neither idle nor waiting', () => {
    const stat = 'cpu  100 1 20 5000 70 3 4 5 0 0\ncpu0 50 0 10 2500 35 1 2 2 0 0\nintr 1\n';
    assert.equal(parseBusyTicks(stat), 133);
  });

  it('is undefined without such a line', () => {
    assert.equal(parseBusyTicks(''), undefined);
  });
});
