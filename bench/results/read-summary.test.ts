import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleSummary } from '../report/example-run.fixture.js';
import { parseSummary } from './read-summary.js';

const empty = {
  command_line: [],
  target_facts: {},
  errors: {},
  baseline: {},
  waves: [],
  error_details: {},
  judgements: [],
  discrepancies: [],
  bottlenecks: [],
  events: [],
  latency_histograms: {},
};

describe('parseSummary()', () => {
  it('takes what the report shows, and nothing else', () => {
    const document: unknown = JSON.parse(
      JSON.stringify({ schema_version: 1, ...exampleSummary, unknown_field: 1 }),
    );
    assert.deepEqual(parseSummary(document), exampleSummary);
  });

  it('leaves out what is of another type', () => {
    const document = {
      schema_version: 1,
      outcome: 7,
      connections: '10000',
      duration_s: null,
      connect_rate_asked_per_s: 'fast',
      errors: { reset: 3, lost: 'many' },
      judgements: [{ owner: 'whole', verdict: 'splendid', reason: '' }, 'growing'],
      latency_histograms: { connect: 5 },
    };
    assert.deepEqual(parseSummary(document), { ...empty, errors: { reset: 3 } });
  });

  it('refuses what is no summary, and other versions', () => {
    assert.throws(() => parseSummary([]), {
      name: 'RangeError',
      message: 'is no summary of a run: it has no schema_version',
    });
    assert.throws(() => parseSummary({ schema_version: 2 }), {
      name: 'RangeError',
      message:
        'has schema version 2, but only version 1 can be read: run the bench again, or use that version of tidemark',
    });
  });
});
