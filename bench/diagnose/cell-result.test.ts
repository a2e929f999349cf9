import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunSummary } from '../results/summary.js';
import { readCell } from './cell-result.js';

/** What a cell comes to whose run has left this of a summary. */
function reasonOf(summary: Partial<RunSummary>): string | undefined {
  const cell = {
    name: 'echo_deflate-on',
    levels: { message: 'echo', compression: 'on' },
  } as unknown as Parameters<typeof readCell>[0];
  const result = readCell(cell, summary as RunSummary);
  assert.equal(result.state, 'failed');
  return 'reason' in result ? result.reason : undefined;
}

describe('readCell()', () => {
  it('says that a hold without a sample is too short, not that the run went wrong', () => {
    const wave = { wave: 1, connections_opened: 400 } as unknown as RunSummary['waves'][number];
    assert.match(
      reasonOf({ outcome: 'completed', waves: [wave] }) ?? '',
      /^no sample was taken in its hold, /,
    );
  });

  it('says why a run was not completed', () => {
    assert.equal(
      reasonOf({ outcome: 'failed', reason: 'The target died', waves: [] }),
      'The target died',
    );
    assert.equal(reasonOf({ outcome: 'failed', waves: [] }), 'the run was not completed');
  });
});
