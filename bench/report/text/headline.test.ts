import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleRows, exampleRun, exampleSummary } from '../example-run.fixture.js';
import { findFacts, type RunFacts } from '../facts/run-facts.js';
import type { StoredJudgement } from '../../results/read-summary.js';
import { writeHeadline, writeWarnings } from './headline.js';

function factsWith(judgement: Omit<StoredJudgement, 'owner'>): RunFacts {
  return { ...findFacts(exampleRun), judgements: [{ owner: 'whole', ...judgement }] };
}

describe('writeHeadline()', () => {
  const cases: readonly (readonly [Omit<StoredJudgement, 'owner'>, string])[] = [
    [{ verdict: 'released', reason: 'r' }, 'The memory came back.'],
    [{ verdict: 'retained', reason: 'r' }, 'The memory stays, and the next wave uses it again.'],
    [{ verdict: 'growing', trend: 'steady', reason: 'r' }, 'The memory keeps growing.'],
    [
      { verdict: 'growing', trend: 'slowing', reason: 'r' },
      'The memory still grows, but less and less.',
    ],
    [{ verdict: 'inconclusive', reason: 'r' }, 'This run does not tell.'],
  ];
  for (const [judgement, title] of cases) {
    it(`says “${title}” of ${judgement.verdict} ${judgement.trend ?? ''}`, () => {
      assert.deepEqual(writeHeadline(factsWith(judgement)), {
        verdict: judgement.verdict,
        title,
        evidence: 'R.',
      });
    });
  }

  it('gives a reason where nothing could be judged', () => {
    assert.deepEqual(writeHeadline({ ...findFacts(exampleRun), judgements: [] }), {
      verdict: 'inconclusive',
      title: 'This run does not tell.',
      evidence: 'No wave was finished, or the memory could not be read.',
    });
  });
});

describe('writeWarnings()', () => {
  it('has nothing to say of a good run', () => {
    assert.deepEqual(writeWarnings(exampleRun, findFacts(exampleRun)), []);
  });

  it('says what is wrong, each thing in a sentence', () => {
    const run = {
      ...exampleRun,
      isCut: true,
      problems: ['environment.json is empty'],
      summary: {
        ...exampleSummary,
        outcome: 'failed',
        reason: 'The target died in wave 2, hold: SIGKILL',
        discrepancies: ['the target opened 1 connections'],
        bottlenecks: ['wave 1: CPU full', 'wave 2: CPU full'],
        samples_skipped: 2,
        target_workers_restarted: 1,
        errors: { reset: 3, lost: 0 },
      },
    };
    assert.deepEqual(writeWarnings(run, findFacts(run)), [
      'The run was not completed: The target died in wave 2, hold: SIGKILL.',
      'The last row of samples.csv is not whole and was left out.',
      'environment.json is empty, so it was left out.',
      'The counts do not add up: the target opened 1 connections.',
      'The load generator was the bottleneck, so rates and latencies say nothing about the server: wave 1: CPU full; wave 2: CPU full.',
      'The sampler was late: 2 samples were skipped.',
      '1 of the target’s workers died and were replaced, so its memory can’t be compared.',
      'Errors: 3 × reset.',
    ]);
  });

  it('says what there is to go by without a summary', () => {
    const run = { ...exampleRun, rows: exampleRows.slice(0, 5), summary: undefined };
    assert.deepEqual(writeWarnings(run, findFacts(run)), [
      'There is no summary of this run, as it was killed or still goes on; this report is drawn from the samples alone.',
    ]);
  });
});
