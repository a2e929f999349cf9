import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleRun } from '../example-run.fixture.js';
import { parseStoredEnvironment } from '../../results/read-environment.js';
import { writeCommand } from './machine.js';

function commandOf(words: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const environment = parseStoredEnvironment({
    command_line: words,
    tidemark_variables: variables,
  });
  return writeCommand({ ...exampleRun, environment });
}

describe('writeCommand()', () => {
  it('quotes for a shell what needs it', () => {
    assert.equal(
      commandOf(['node', 'tidemark.js', 'bench', '--greeting', `it's "you"`, '--exec=a b', '']),
      String.raw`node tidemark.js bench --greeting 'it'\''s "you"' '--exec=a b' ''`,
    );
  });

  it('sets the variables that were set', () => {
    assert.equal(
      commandOf(['tidemark', 'bench'], { TIDEMARK_WAVES: '8', TIDEMARK_GREETING: 'a b' }),
      "TIDEMARK_WAVES=8 TIDEMARK_GREETING='a b' tidemark bench",
    );
  });

  it('leaves out the folder of the results, which holds this run', () => {
    assert.equal(
      commandOf(['tidemark', 'bench', '--out', 'x', '--out=y', '--outer', 'z'], {
        TIDEMARK_OUT: 'w',
      }),
      'tidemark bench --outer z',
    );
  });

  it('goes by the summary without an environment.json', () => {
    assert.equal(writeCommand(exampleRun), '/usr/bin/node /opt/tidemark.js bench --waves 2');
    assert.equal(writeCommand({ ...exampleRun, summary: undefined }), undefined);
  });
});
