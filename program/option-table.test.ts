import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Command } from 'commander';
import { UsageError } from './failure.js';
import {
  addOptions,
  environmentVariableOf,
  flagOf,
  isGiven,
  option,
  readOptions,
  switchOption,
} from './option-table.js';
import { parseWholeNumber } from './quantities.js';

const table = {
  maxConnections: option({
    group: 'Limits',
    argument: 'N',
    summary: 'most connections',
    parse: (text) => parseWholeNumber(text, 1),
    default: 10,
  }),
  connectDelayMillis: option<number | undefined>({
    group: 'Load',
    argument: 'MS',
    summary: 'pause',
    parse: (text) => parseWholeNumber(text, 1),
    default: undefined,
    camelCaseAlias: true,
  }),
  greeting: option<string | undefined>({
    group: 'Load',
    argument: 'TEXT',
    summary: 'text on open',
    parse: (text) => text,
    default: 'hello',
    negation: { summary: 'no text on open', value: undefined },
  }),
  quiet: switchOption('Output', 'say nothing'),
};

function parse(...words: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addOptions(command, table);
  command.parse(words, { from: 'user' });
  return { command, values: readOptions(command, table) };
}

describe('flagOf() and environmentVariableOf()', () => {
  it('follow from the name in code', () => {
    assert.equal(flagOf('maxConnections'), '--max-connections');
    assert.equal(environmentVariableOf('maxConnections'), 'TIDEMARK_MAX_CONNECTIONS');
  });
});

describe('readOptions()', () => {
  afterEach(() => {
    delete process.env['TIDEMARK_MAX_CONNECTIONS'];
    delete process.env['TIDEMARK_NO_GREETING'];
    delete process.env['TIDEMARK_QUIET'];
  });

  it('gives defaults, and undefined where there is none', () => {
    assert.deepEqual(parse().values, {
      maxConnections: 10,
      connectDelayMillis: undefined,
      greeting: 'hello',
      quiet: false,
    });
  });

  it('reads flags, an empty text included', () => {
    const { values, command } = parse('--max-connections', '5', '--greeting', '', '--quiet');
    assert.equal(values.maxConnections, 5);
    assert.equal(values.greeting, '');
    assert.equal(values.quiet, true);
    assert.equal(isGiven(command, 'greeting'), true);
    assert.equal(isGiven(command, 'connectDelayMillis'), false);
  });

  it('gives the value of the negation', () => {
    assert.equal(parse('--no-greeting').values.greeting, undefined);
  });

  it('takes the camel-case alias for the same flag', () => {
    assert.equal(parse('--connectDelayMillis=5').values.connectDelayMillis, 5);
    assert.equal(parse('--connect-delay-millis=5').values.connectDelayMillis, 5);
  });

  it('reads the environment, which a flag overrides', () => {
    process.env['TIDEMARK_MAX_CONNECTIONS'] = '7';
    assert.equal(parse().values.maxConnections, 7);
    assert.equal(parse('--max-connections=8').values.maxConnections, 8);
  });

  it('reads switches and negations from the environment', () => {
    process.env['TIDEMARK_NO_GREETING'] = '1';
    process.env['TIDEMARK_QUIET'] = 'true';
    assert.equal(parse().values.greeting, undefined);
    assert.equal(parse().values.quiet, true);
  });

  it('leaves a switch off that the environment sets to false, 0 or nothing', () => {
    for (const off of ['false', '0', '']) {
      process.env['TIDEMARK_QUIET'] = off;
      assert.equal(parse().values.quiet, false);
    }
  });

  it('names every problem in one message', () => {
    assert.throws(
      () => parse('--max-connections=-1', '--connect-delay-millis=soon'),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(
          error.message,
          '--max-connections: "-1" is not a whole number of 1 or more; ' +
            '--connect-delay-millis: "soon" is not a whole number of 1 or more',
        );
        return true;
      },
    );
  });
});
