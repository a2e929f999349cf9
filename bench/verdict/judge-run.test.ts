import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SampleRow, sampleColumns } from '../results/sample-columns.js';
import { estimateBytesPerConnection } from './bytes-per-connection.js';
import { type JudgedRun, judgeRun } from './judge-run.js';
import { type OwnerJudgement } from '../results/summary.js';

const mebibyte = 1024 * 1024;

const emptyRow = Object.fromEntries(
  Object.keys(sampleColumns).map((name) => [name, undefined]),
) as unknown as SampleRow;

/** A row of a Node server with 20 MiB of JS heap and 30 MiB of malloc, besides what is given in MiB. */
function row(
  wave: number,
  phase: string,
  jsHeap: number,
  malloc: number,
  connections = 0,
): SampleRow {
  return {
    ...emptyRow,
    wave,
    phase,
    connections,
    rss_bytes: (100 + jsHeap + malloc) * mebibyte,
    native_file_bytes: 50 * mebibyte,
    lazy_free_bytes: 0,
    js_heap_resident_bytes: (20 + jsHeap) * mebibyte,
    native_malloc_bytes: (30 + malloc) * mebibyte,
    native_stacks_bytes: 0,
    native_other_bytes: 0,
  };
}

/** A run whose floors are given, as MiB of JS heap and of malloc over the baseline; each hold takes 400 MiB of malloc. */
function run(
  floors: readonly (readonly [number, number])[],
  changes: Partial<JudgedRun> = {},
): JudgedRun {
  return {
    rows: [
      row(0, 'baseline', 0, 0),
      ...floors.flatMap(([jsHeap, malloc], index) => [
        row(index + 1, 'hold', jsHeap, malloc + 400, 10_000),
        row(index + 1, 'rest', jsHeap, malloc),
      ]),
    ],
    openedByWave: floors.map(() => 10_000),
    doubts: [],
    isGarbageCollected: true,
    hasGarbage: true,
    countedOf: () => undefined,
    headroomOf: () => undefined,
    ...changes,
  };
}

function judge(judged: JudgedRun, owner: OwnerJudgement['owner']): OwnerJudgement {
  const found = judgeRun(judged).find((judgement) => judgement.owner === owner);
  assert.ok(found);
  return found;
}

const kept = run([
  [1, 60],
  [1, 60],
  [1, 61],
  [1, 60],
]);

/** 2 MiB of JS heap a wave, under a whole that comes and goes by 400 MiB. */
const smallLeak = run([2, 4, 6, 8, 10, 12].map((heap) => [heap, 0] as const));

describe('judgeRun()', () => {
  it('judges each owner that is known, the whole first, and says where it is', () => {
    const judgements = judgeRun(kept);
    assert.deepEqual(
      judgements.map(({ owner }) => owner),
      ['whole', 'js_heap', 'malloc', 'other'],
    );
    assert.equal(judgements[0]?.verdict, 'retained');
    assert.match(judgements[0].reason, /^61\.0 MiB stay .*; mostly in malloc \(60\.0 MiB\)$/);
  });

  it('finds a leak in one owner that is lost in the whole', () => {
    const whole = judge(smallLeak, 'whole');
    assert.equal(whole.verdict, 'growing');
    assert.equal(whole.trend, 'steady');
    assert.match(whole.reason, /^in the JS heap, the floors of resident memory rise by 210 B/);
    assert.equal(Math.round(whole.growth_bytes_per_connection ?? 0), 210);
  });

  it('says that garbage may be part of it where nobody has collected it', () => {
    const uncollected = judge({ ...kept, isGarbageCollected: false }, 'whole');
    assert.match(uncollected.reason, /garbage that nobody has collected may be part of it$/);
    const noGarbage = judge({ ...kept, isGarbageCollected: false, hasGarbage: false }, 'whole');
    assert.doesNotMatch(noGarbage.reason, /garbage/);
  });

  it('decides nothing on a run that is in doubt, and says why', () => {
    const doubtful = judge({ ...smallLeak, doubts: ['only 5 of 10 connections opened'] }, 'whole');
    assert.equal(doubtful.verdict, 'inconclusive');
    assert.equal(doubtful.reason, 'only 5 of 10 connections opened');
    assert.equal(doubtful.trend, undefined);
    assert.equal(doubtful.floors_bytes.length, 6);
  });

  it('judges nothing without a finished wave', () => {
    assert.deepEqual(judgeRun({ ...kept, openedByWave: [] }), []);
  });

  it('takes no rise for a leak that a collector or an allocator may keep', () => {
    const headroom = { bytes: 16 * mebibyte, what: 'garbage', cure: 'collect it' };
    const rising = [1, 3, 5, 7, 9, 11].map((heap) => [heap, 0] as const);
    const tolerant = run(rising, { headroomOf: () => headroom });
    const judgement = judge(tolerant, 'js_heap');
    assert.equal(judgement.verdict, 'inconclusive');
    assert.equal(judgement.waves_needed, 12);
    assert.match(
      judgement.reason,
      /10\.0 MiB in all, but garbage may come to 16\.0 MiB: run 12 waves, or collect it$/,
    );
    const whole = judge(tolerant, 'whole');
    assert.equal(whole.verdict, 'inconclusive');
    assert.match(whole.reason, /^in the JS heap, the floors/);
    assert.equal(whole.waves_needed, 12);
    assert.equal(judge(run(rising), 'js_heap').verdict, 'growing');
    const large = rising.map(([heap]) => [3 * heap, 0] as const);
    assert.equal(judge(run(large, { headroomOf: () => headroom }), 'js_heap').verdict, 'growing');
  });

  describe('where it is counted what the program holds', () => {
    const opened = [10_000, 9901, 9803, 9697, 9901];
    /** What malloc holds in MiB, beside resident malloc that rises by 30 MiB a wave. */
    const counted = (...held: readonly number[]): JudgedRun =>
      run(
        held.map((_, index) => [0, 30 * index] as const),
        {
          openedByWave: opened.slice(0, held.length),
          countedOf: (owner) =>
            owner === 'malloc'
              ? {
                  source: 'malloc',
                  sitesOf: 'malloc' as const,
                  sites: [],
                  baselineBytes: mebibyte,
                  series: {
                    floors: held.map((mib) => ({
                      bytes: mib * mebibyte,
                      outsideMallocBytes: 0,
                      processes: 1,
                      kinds: new Map(),
                    })),
                    opened: opened.slice(0, held.length),
                    leastStepBytes: 64 * 1024,
                  },
                }
              : undefined,
        },
      );

    it('calls that a leak which rises with every wave, by so much per connection', () => {
      for (const owner of ['malloc', 'whole'] as const) {
        const {
          verdict,
          reason,
          growth_bytes_per_connection: growth,
        } = judge(counted(2, 4, 6, 8), owner);
        assert.equal(verdict, 'growing');
        assert.equal(growth, (6 * mebibyte) / (9901 + 9803 + 9697));
        assert.match(
          reason,
          /the program holds 214 B more of blocks per connection opened \(95 % interval 212 B to 216 B\), counted, in each of the last 3 waves; a leak, unless it is a cache that 39,401 connections have not filled$/,
        );
      }
    });

    it('takes resident memory that rises for the allocator’s if the program holds no more', () => {
      const judgement = judge(counted(2, 2, 2, 2, 2), 'malloc');
      assert.equal(judgement.verdict, 'retained');
      assert.match(judgement.reason, /no longer rises, though resident memory moves/);
      assert.equal(judgement.held_bytes, mebibyte);
      assert.equal(judge(counted(2, 2, 2, 2, 2), 'whole').verdict, 'retained');
    });

    it('goes on where it is open, and says with how many waves', () => {
      const { verdict, waves_needed: needed, reason } = judge(counted(2, 4, 3.9, 6), 'whole');
      assert.equal(verdict, 'inconclusive');
      assert.equal(needed, 12);
      assert.match(reason, /^in malloc, what the program holds of blocks neither rises with every/);
    });
  });
});

describe('estimateBytesPerConnection()', () => {
  it('is the slope over the first ramp and hold, not of later waves', () => {
    const rows = [
      row(0, 'baseline', 0, 0),
      row(1, 'ramp', 0, 10, 1024),
      row(1, 'ramp', 0, 20, 2048),
      row(1, 'hold', 0, 30, 3072),
      row(2, 'ramp', 0, 30, 1024),
      row(2, 'hold', 0, 30, 3072),
    ];
    assert.equal(estimateBytesPerConnection(rows)?.slope, 10 * 1024);
  });

  it('is unknown without a ramp', () => {
    assert.equal(estimateBytesPerConnection([row(0, 'baseline', 0, 0)]), undefined);
  });
});
