import { escapeHtml } from '../report/html/html.js';
import { type Assertion } from '../assertions/assertion.js';
import { type AssertionOutcome, formatClaim, formatOutcome } from '../assertions/outcome.js';
import type { RunSummary } from '../results/summary.js';

/** An assertion with what the run said to it. */
export interface CheckedAssertion {
  readonly assertion: Assertion;
  readonly outcome: AssertionOutcome;
}

/** What XML 1.0 can't hold in any form (section 2.2, Char): control characters, halves of surrogate pairs. */
const noXml = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/**
 * Writes what a run said to its assertions in the format of JUnit's reports that CI servers read
 * (<https://github.com/jenkinsci/xunit-plugin>, junit-10.xsd): each is a test case, and that the run itself was completed is the first.
 * @param summary of the run
 * @param checked its assertions, in their order
 * @param failure why the run failed, or is not to be trusted; undefined if it did not
 */
export function writeJunit(
  summary: Pick<RunSummary, 'duration_s' | 'started_at' | 'verdict_reason'>,
  checked: readonly CheckedAssertion[],
  failure: string | undefined,
): string {
  const seconds = summary.duration_s.toFixed(3);
  const failed = checked.filter(({ outcome }) => outcome.state !== 'holds').length;
  const cases = [
    testCase('the run is completed', seconds, failure && element('error', failure, failure)),
    ...checked.map(({ assertion, outcome }) => {
      const said = formatOutcome(assertion, outcome);
      const isRight = outcome.state === 'holds';
      const wrong = isRight ? undefined : element('failure', said, summary.verdict_reason);
      return testCase(formatClaim(assertion), '0', wrong);
    }),
  ];
  const totals = [
    attribute('name', 'tidemark bench'),
    attribute('tests', String(cases.length)),
    attribute('failures', String(failed)),
    attribute('errors', failure === undefined ? '0' : '1'),
    attribute('time', seconds),
  ].join(' ');
  const suite = `<testsuite ${totals} ${attribute('timestamp', summary.started_at.slice(0, 19))}>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    suite,
    ...cases,
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(name: string, seconds: string, wrong: string | undefined): string {
  const head = `<testcase ${attribute('classname', 'tidemark.bench')} ${attribute('name', name)} ${attribute('time', seconds)}`;
  return wrong === undefined ? `${head}/>` : `${head}>${wrong}</testcase>`;
}

function element(name: string, message: string, text: string): string {
  return `<${name} ${attribute('message', message)} ${attribute('type', name)}>${toXml(text)}</${name}>`;
}

function attribute(name: string, value: string): string {
  return `${name}="${toXml(value)}"`;
}

function toXml(text: string): string {
  return escapeHtml(text.replace(noXml, '\u{FFFD}'));
}
