import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MallocCensus } from '../../machine/malloc/census.js';
import type { JudgedOwner, OwnerJudgement, Verdict } from '../results/summary.js';
import { correctByCensus, describeMalloc, findRisingBlocks } from './malloc-evidence.js';
import type { RunRecord } from './run-record.js';

/** What malloc holds at one floor: blocks by size, and so much free. */
function censusOf(blocks: Readonly<Record<number, number>>, freeBytes = 0): MallocCensus {
  const entries = Object.entries(blocks).map(([size, count]) => [Number(size), count] as const);
  const usedBytes = entries.reduce((sum, [size, count]) => sum + size * count, 0);
  const totalBytes = usedBytes + freeBytes;
  return {
    blocks: new Map(entries),
    usedBytes,
    freeBytes,
    topBytes: 0,
    totalBytes,
    walkedBytes: totalBytes,
  };
}

/** A run of waves of 1,000 connections, with these floors, the baseline first. */
function runOf(...floors: readonly (MallocCensus | undefined)[]): RunRecord {
  const waves = floors.slice(1).map(() => ({ connections_opened_total: 1000 }));
  return { waves, floors: floors.map((malloc) => ({ malloc })) } as unknown as RunRecord;
}

describe('findRisingBlocks()', () => {
  it('finds whole blocks per connection, apart from what the first wave fills', () => {
    const floors = [100, 1500, 2500, 3500, 4500].map((count) =>
      censusOf({ 4112: count, 64: 9000, 32: 100_000 + (count % 7), 1008: count > 1000 ? 800 : 0 }),
    );
    assert.deepEqual(findRisingBlocks(runOf(...floors)), [{ bytes: 4112, perConnection: 1 }]);
  });

  it('finds none where they fall in between, come now and then, or are not known at each floor', () => {
    const of = (...counts: readonly number[]): RunRecord =>
      runOf(...counts.map((count) => censusOf({ 4112: count })));
    assert.deepEqual(findRisingBlocks(of(0, 1000, 3000, 2900, 5000)), []);
    assert.deepEqual(findRisingBlocks(of(0, 1000, 1005, 1010, 1015)), []);
    assert.deepEqual(findRisingBlocks(of(0, 1000, 2000)), []);
    assert.deepEqual(findRisingBlocks(runOf(censusOf({}), censusOf({}), undefined)), []);
  });
});

describe('correctByCensus()', () => {
  const judgement = (owner: JudgedOwner, verdict: Verdict): OwnerJudgement => ({
    owner,
    verdict,
    ...(verdict === 'growing' ? { trend: 'steady' } : {}),
    reason: 'the floors rise',
    baseline_bytes: 0,
    peak_growth_bytes: 0,
    floors_bytes: [],
    retained_bytes: 0,
    noise_bytes: 0,
  });
  const growing = [judgement('whole', 'growing'), judgement('malloc', 'growing')];
  const verdicts = (judgements: readonly OwnerJudgement[]): string[] =>
    judgements.map(({ verdict, trend }) => `${verdict} ${trend ?? ''}`.trim());
  const piecemeal = runOf(
    ...[0, 9, 18, 27, 36].map((mib) => censusOf({ 64: 1000 }, mib * 2 ** 20)),
  );

  it('takes free memory for no leak', () => {
    const corrected = correctByCensus(growing, piecemeal);
    assert.deepEqual(verdicts(corrected), ['retained', 'retained']);
    assert.match(corrected[0]?.reason ?? '', /^resident malloc rises, but what the program holds/);
  });

  it('leaves a leak alone, in malloc or elsewhere', () => {
    const leak = runOf(...[0, 1, 2, 3, 4].map((wave) => censusOf({ 208: 1000 * wave })));
    assert.deepEqual(verdicts(correctByCensus(growing, leak)), [
      'growing steady',
      'growing steady',
    ]);
    const both = [...growing, judgement('js_heap', 'growing')];
    assert.deepEqual(verdicts(correctByCensus(both, piecemeal)), [
      'growing steady',
      'retained',
      'growing steady',
    ]);
  });

  it('changes nothing without a census, or with too few floors', () => {
    assert.deepEqual(correctByCensus(growing, runOf(undefined, undefined)), growing);
    const short = runOf(...[0, 9, 18].map((mib) => censusOf({ 64: 1000 }, mib * 2 ** 20)));
    assert.deepEqual(correctByCensus(growing, short), growing);
  });
});

describe('describeMalloc()', () => {
  it('tells what the program holds from what is free', () => {
    const floors = [0, 1000, 2000, 3000].map((count) =>
      censusOf({ 4112: 100 + count }, count * 1024),
    );
    assert.equal(
      describeMalloc(runOf(...floors)),
      'with every wave malloc has more blocks: 1.00 × a block of 4,112 B per connection; of malloc, the program holds 11.8 MiB more than at the baseline, and 2.93 MiB are free, kept by the allocator',
    );
  });

  it('says nothing where nothing stays, or nothing is known', () => {
    assert.equal(describeMalloc(runOf(censusOf({ 32: 9 }), censusOf({ 32: 9 }))), undefined);
    assert.equal(describeMalloc(runOf(undefined, undefined)), undefined);
    assert.equal(describeMalloc(runOf(censusOf({}))), undefined);
  });
});
