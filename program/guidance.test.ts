import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatGuidance } from './guidance.js';
import { option, switchOption } from './option-table.js';
import { parseDurationMs } from './quantities.js';

const examples = [{ line: 'tidemark rest --for 5s', does: 'waits for 5 s' }];
const duration = option({
  group: 'Waves',
  argument: 'DURATION',
  summary: 'how long',
  parse: parseDurationMs,
  default: 0,
});

describe('formatGuidance()', () => {
  it('says how values are written, which variables there are, and gives examples', () => {
    assert.equal(
      formatGuidance({ maxRest: duration }, examples),
      [
        'Values:',
        '  DURATION  500ms, 1.5s, 30s, 5m or 2h',
        '',
        'As a variable, --max-rest is TIDEMARK_MAX_REST; a flag overrides it.',
        '',
        'Examples:',
        '  tidemark rest --for 5s',
        '      waits for 5 s',
      ].join('\n'),
    );
  });

  it('leaves out what there is none of', () => {
    const switches = { json: switchOption('Output', 'print JSON') };
    assert.doesNotMatch(formatGuidance(switches, examples), /Values:/);
    assert.match(formatGuidance({}, examples), /^Examples:/);
  });
});
