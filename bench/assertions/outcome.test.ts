import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseAssertion } from './assertion.js';
import { checkAssertion, formatOutcome } from './outcome.js';

const summary = {
  verdict: 'retained',
  target: 'uws',
  bytes_per_connection: 2048.4,
  connect_p99_ms: 312.4004,
  connect_errors: 0,
  errors: { lost: 3 },
  connect_rate_per_s: 1998.5,
  connect_rate_asked_per_s: 'max',
  baseline: { rss_bytes: 104_857_600 },
  waves: [{ ramp_s: 0.25 }, { ramp_s: 0.5 }],
  discrepancies: [],
  greeting_p99_ms: null,
  echo_p99_ms: NaN,
  target_facts: { is_compressed: false },
};

function outcomeOf(text: string): string {
  const assertion = parseAssertion(text);
  return formatOutcome(assertion, checkAssertion(assertion, summary));
}

describe('checkAssertion() and formatOutcome()', () => {
  for (const [text, expected] of [
    ['connect_errors==0', 'holds  connect_errors == 0: 0'],
    ['connect_errors!=0', 'fails  connect_errors != 0: 0'],
    ['connect_errors>=0', 'holds  connect_errors >= 0: 0'],
    ['bytes_per_connection<2KiB', 'fails  bytes_per_connection < 2KiB: 2.00 KiB, exactly 2048.4'],
    ['bytes_per_connection<2049', 'holds  bytes_per_connection < 2049: 2.00 KiB, exactly 2048.4'],
    ['bytes_per_connection>1KiB', 'holds  bytes_per_connection > 1KiB: 2.00 KiB'],
    ['baseline.rss_bytes<=100MiB', 'holds  baseline.rss_bytes <= 100MiB: 100 MiB'],
    ['connect_p99_ms<250ms', 'fails  connect_p99_ms < 250ms: 312.4 ms'],
    ['waves.1.ramp_s<=500ms', 'holds  waves.1.ramp_s <= 500ms: 0.5 s'],
    ['connect_rate_per_s>100', 'holds  connect_rate_per_s > 100: 1998.5/s'],
    ['verdict!=growing', 'holds  verdict != growing: retained'],
    ['verdict==released', 'fails  verdict == released: retained'],
    ['target_facts.is_compressed==false', 'holds  target_facts.is_compressed == false: false'],
    ['errors.lost==0', 'fails  errors.lost == 0: 3'],
    ['errors.timed_out==0', 'holds  errors.timed_out == 0: 0'],
  ] as const) {
    it(`says "${expected}"`, () => {
      assert.equal(outcomeOf(text), expected);
    });
  }

  for (const [text, reason] of [
    ['greeting_p99_ms<250', /was not measured/],
    ['echo_p99_ms<250', /is NaN, which is no measurement/],
    ['echo_p99_ms!=250', /is NaN, which is no measurement/],
    ['bytes_per_conection<2KiB', /not measured here, .* \(nearest: bytes_per_connection\)$/],
    ['base_line.rss_bytes<2KiB', /\(nearest: baseline\.rss_bytes\)$/],
    ['echo_max_ms!=0', /not measured here, or not spelled so$/],
    ['errors.lostt==0', /\(nearest: errors\.lost\)$/],
    ['waves.2.ramp_s<5', /waves has the entries 0 to 1/],
    ['waves.length==2', /waves has the entries 0 to 1/],
    ['discrepancies.0==x', /discrepancies is empty/],
    ['discrepancies==0', /is empty/],
    ['baseline<5', /is no single value: name one of its fields, such as baseline\.rss_bytes/],
    ['verdict.reason==x', /verdict has no fields of its own/],
    ['connect_rate_asked_per_s>5', /is text \("max"\), which can't be compared with a number/],
    ['connect_errors==none', /is a number \(0\), which can't be compared with text/],
    ['connect_errors!=none', /can't be compared/],
    ['target_facts.is_compressed==0', /is true or false \(false\)/],
    ['constructor.name==Object', /is not in the summary/],
    ['__proto__.x==1', /is not in the summary/],
  ] as const) {
    it(`does not know whether ${text}`, () => {
      assert.match(outcomeOf(text), /^unknown {2}/);
      assert.match(outcomeOf(text), reason);
    });
  }

  it('holds an assertion or its opposite about a number, never both', () => {
    const opposites = { '<': '>=', '>': '<=', '==': '!=' } as const;
    const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true }));
    fc.assert(
      fc.property(
        fc.constantFrom<keyof typeof opposites>('<', '>', '=='),
        number.filter(Number.isFinite),
        number.filter(Number.isFinite),
        (operator, expected, actual) => {
          const stateOf = (used: string): string =>
            checkAssertion(parseAssertion(`x${used}${expected}`), { x: actual }).state;
          assert.deepEqual([stateOf(operator), stateOf(opposites[operator])].toSorted(), [
            'fails',
            'holds',
          ]);
        },
      ),
    );
  });
});
