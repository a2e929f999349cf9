import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  operators,
  parseAssertion,
  parseAssertions,
  type Operator,
  type Scalar,
} from './assertion.js';

describe('parseAssertion()', () => {
  const accepted: readonly (readonly [string, string, Operator, Scalar])[] = [
    ['bytes_per_connection<2KiB', 'bytes_per_connection', '<', 2048],
    ['verdict!=growing', 'verdict', '!=', 'growing'],
    ['connect_p99_ms<250', 'connect_p99_ms', '<', 250],
    ['connect_errors==0', 'connect_errors', '==', 0],
    [' bytes_per_connection  <=  1.5KiB ', 'bytes_per_connection', '<=', 1536],
    ['baseline.rss_bytes<100MB', 'baseline.rss_bytes', '<', 100_000_000],
    ['judgements.0.floors_bytes.3>1MiB', 'judgements.0.floors_bytes.3', '>', 1_048_576],
    ['js_bytes_per_connection>=-1KiB', 'js_bytes_per_connection', '>=', -1024],
    ['bytes_per_connection<812.25', 'bytes_per_connection', '<', 812.25],
    ['growth_bytes_per_connection<-.5', 'growth_bytes_per_connection', '<', -0.5],
    ['connect_p99_ms<=2s', 'connect_p99_ms', '<=', 2000],
    ['waves.0.ramp_s<250ms', 'waves.0.ramp_s', '<', 0.25],
    ['duration_s<5m', 'duration_s', '<', 300],
    ['connect_rate_per_s>1.9e3', 'connect_rate_per_s', '>', 1900],
    ['connect_rate_asked_per_s==max', 'connect_rate_asked_per_s', '==', 'max'],
    ['tidemark_version=="0.1.0"', 'tidemark_version', '==', '0.1.0'],
    ['target == "a < b \\"c\\""', 'target', '==', 'a < b "c"'],
    ['target==""', 'target', '==', ''],
    ['target_facts.compression!=true', 'target_facts.compression', '!=', true],
  ];
  for (const [text, field, operator, expected] of accepted) {
    it(`reads ${text}`, () => {
      const assertion = parseAssertion(text);
      assert.equal(assertion.field, field);
      assert.equal(assertion.operator, operator);
      assert.equal(assertion.expected, expected);
    });
  }

  const refused: readonly (readonly [string, typeof SyntaxError | typeof RangeError, RegExp])[] = [
    ['', SyntaxError, /no operator/],
    ['bytes_per_connection', SyntaxError, /quote it for the shell/],
    ['bytes_per_connection=5', SyntaxError, /"=" .* is no operator/],
    ['bytes_per_connection=<5', SyntaxError, /"=<" .* is no operator/],
    ['bytes_per_connection===5', SyntaxError, /"===" .* is no operator/],
    ['<5', SyntaxError, /does not begin with a field/],
    ['2KiB>bytes_per_connection', SyntaxError, /does not begin with a field/],
    ['waves..ramp_s<5', SyntaxError, /does not begin with a field/],
    ['waves[0].ramp_s<5', SyntaxError, /does not begin with a field/],
    ['connect_errors==', SyntaxError, /has no value/],
    ['verdict==not growing', SyntaxError, /double quotes/],
    ['verdict=="growing', SyntaxError, /no text in double quotes/],
    ["verdict=='growing'", SyntaxError, /double quotes/],
    ['bytes_per_connection<2kib', RangeError, /"2kib" is not a size/],
    ['bytes_per_connection<250ms', RangeError, /"250ms" is not a size/],
    ['connect_p99_ms<2KiB', RangeError, /"2KiB" is not a duration/],
    ['connect_errors<2KiB', RangeError, /no plain number/],
    ['connect_rate_per_s>2s', RangeError, /no plain number/],
    ['tidemark_version==0.1.0', RangeError, /double quotes/],
    ['connect_errors<1e999', RangeError, /too large/],
    ['verdict<growing', RangeError, /needs a number/],
    ['connect_p99_ms!=fast', RangeError, /is a number/],
  ];
  for (const [text, type, message] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseAssertion(text),
        (error) => {
          assert.ok(error instanceof type, String(error));
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        },
      );
    });
  }

  it('reads back any number and any quoted text, with or without spaces', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const space = fc.stringMatching(/^ {0,3}$/);
    fc.assert(
      fc.property(
        fc.constantFrom(...operators),
        fc.oneof(number, fc.string({ unit: 'grapheme' })),
        space,
        (operator, expected, gap) => {
          const isText = typeof expected === 'string';
          const used = isText ? '==' : operator;
          const read = parseAssertion(`field${gap}${used}${gap}${JSON.stringify(expected)}`);
          assert.equal(read.operator, used);
          assert.ok(read.expected === expected);
        },
      ),
    );
  });

  it('answers any text with an assertion or an error of one line', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseAssertion(text);
        } catch (error) {
          assert.ok(error instanceof SyntaxError || error instanceof RangeError, String(error));
        }
      }),
    );
  });
});

describe('parseAssertions()', () => {
  it('reads one a line', () => {
    assert.deepEqual(
      parseAssertions('connect_errors==0\n\n  verdict!=growing\n').map(({ field }) => field),
      ['connect_errors', 'verdict'],
    );
  });

  it('refuses to assert nothing', () => {
    assert.throws(() => parseAssertions(' \n'), SyntaxError);
  });
});
