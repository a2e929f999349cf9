import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LoadCounts, noCounts } from '../../loadgen/report/counts.js';
import type { MemoryByOwner } from './attribution.js';
import type { ProcessReading, Reading } from './reading.js';
import { type PlacedReading, type Position, positionOf, toRows } from './rows.js';

const start = { wallMs: Date.UTC(2026, 0, 1), atMs: 1000, intervalMs: 1000 };

function memory(rssBytes: number, jsHeapBytes: number | undefined): MemoryByOwner {
  return {
    rssBytes,
    pssBytes: rssBytes - 100,
    lazyFreeBytes: 0,
    jsHeapBytes,
    managedHeapBytes: undefined,
    isHeapUnknown: jsHeapBytes === undefined,
    mallocBytes: 10,
    stacksBytes: 20,
    fileBytes: 30,
    otherBytes: rssBytes - 60 - (jsHeapBytes ?? 0),
    unattributedBytes: 0,
  };
}

function target(pid: number, cpuTimeMs: number, of?: MemoryByOwner): ProcessReading {
  return { role: 'target', pid, cpuTimeMs, rssBytes: 5000, memory: of, v8: undefined };
}

function counts(connections: number, opened: number): LoadCounts {
  return {
    ...noCounts(),
    connections,
    connections_opened_total: opened,
    connections_closed_total: opened - connections,
    greetings_received_total: opened,
  };
}

function placed(atMs: number, processes: readonly ProcessReading[], of: LoadCounts): PlacedReading {
  const reading: Reading = { atMs, processes, stats: undefined, statsMs: atMs, kernel: undefined };
  const cgroup = {
    ...{ usedBytes: 9000, limitBytes: 10_000, oomKills: 0 },
    ownKernelBytes: 4000,
  };
  return { reading, position: { wave: 1, phase: 'ramp' }, counts: of, lagMs: 1.5, cgroup };
}

describe('positionOf()', () => {
  const at = (wave: number, phase: Position['phase']): Position => ({ wave, phase });
  const cases: readonly (readonly [Position, Position, Position])[] = [
    [at(1, 'hold'), at(1, 'hold'), at(1, 'hold')],
    [at(0, 'baseline'), at(1, 'ramp'), at(1, 'ramp')],
    [at(1, 'ramp'), at(1, 'hold'), at(1, 'ramp')],
    [at(1, 'hold'), at(1, 'drain'), at(1, 'drain')],
    [at(1, 'drain'), at(1, 'rest'), at(1, 'drain')],
    [at(1, 'rest'), at(2, 'ramp'), at(2, 'ramp')],
    [at(1, 'hold'), at(1, 'rest'), at(1, 'drain')],
    [at(1, 'rest'), at(2, 'hold'), at(2, 'ramp')],
  ];
  for (const [begun, ended, expected] of cases) {
    it(`puts a reading from ${begun.phase} to ${ended.phase} to the ${expected.phase}`, () => {
      assert.deepEqual(positionOf(begun, ended), expected);
    });
  }
});

describe('toRows()', () => {
  const before = placed(2000, [target(7, 100, memory(1000, 400))], counts(10, 20));
  const now = placed(
    4000,
    [target(7, 1100, memory(3000, 500)), target(8, 50, memory(2000, 100))],
    counts(15, 30),
  );
  const { sample, workers } = toRows(start, now, before);

  it('puts the moment on the clock of the readings', () => {
    assert.equal(sample.timestamp, '2026-01-01T00:00:03.000Z');
    assert.equal(sample.elapsed_s, 3);
  });

  it('tells the limit that the target runs under', () => {
    assert.equal(sample.cgroup_memory_bytes, 9000);
    assert.equal(sample.cgroup_memory_limit_bytes, 10_000);
    assert.equal(sample.cgroup_oom_kills_total, 0);
    assert.equal(sample.cgroup_kernel_bytes, 4000);
  });

  it('counts CPU and connections since the reading before', () => {
    // 1,000 ms of CPU in 2,000 ms; process 8 is new, so its share is not known.
    assert.equal(sample.cpu_percent, 50);
    assert.equal(sample.connect_rate_per_s, 5);
    assert.equal(workers[1]?.cpu_percent, undefined);
  });

  it('adds up the processes, and what is native is resident but not JS heap', () => {
    assert.equal(sample.target_processes, 2);
    assert.equal(sample.rss_bytes, 5000);
    assert.equal(sample.pss_bytes, 4800);
    assert.equal(sample.native_bytes, 4400);
    assert.equal(sample.native_malloc_bytes, 20);
    assert.equal(sample.unattributed_bytes, 0);
  });

  it('knows no CPU and no rate of less than half an interval, none at all included', () => {
    for (const passedMs of [0, 25, 499]) {
      const soon = placed(2000 + passedMs, [target(7, 101)], counts(12, 22));
      const row = toRows(start, soon, before).sample;
      assert.equal(row.cpu_percent, undefined);
      assert.equal(row.connect_rate_per_s, undefined);
    }
    const later = placed(2500, [target(7, 150)], counts(12, 22));
    assert.equal(toRows(start, later, before).sample.cpu_percent, 10);
    assert.equal(toRows(start, later, before).sample.connect_rate_per_s, 4);
  });

  it('knows no CPU and no rate at the first reading', () => {
    const first = toRows(start, before, undefined).sample;
    assert.equal(first.cpu_percent, undefined);
    assert.equal(first.connect_rate_per_s, undefined);
  });

  it('counts a heap that does not tell its size as other memory, and native memory as unknown', () => {
    const foreign = toRows(
      start,
      placed(2000, [target(7, 0, memory(1000, undefined))], counts(0, 0)),
      undefined,
    );
    assert.equal(foreign.sample.js_heap_resident_bytes, undefined);
    assert.equal(foreign.sample.native_bytes, undefined);
    assert.equal(foreign.sample.native_other_bytes, 940);
    assert.equal(foreign.sample.unattributed_bytes, 0);
  });

  it('gives no sum of PSS that leaves a process out', () => {
    const half = placed(2000, [target(7, 0, memory(1000, 1)), target(8, 0)], counts(0, 0));
    const { sample: row } = toRows(start, half, undefined);
    assert.equal(row.pss_bytes, undefined);
    assert.equal(row.rss_bytes, 10_000);
  });
});
