import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { validateXML } from 'xmllint-wasm';
import { packageFolder } from '../../program/package.js';
import { parseAssertion } from '../assertions/assertion.js';
import { checkAssertion } from '../assertions/outcome.js';
import { writeJunit } from './junit.js';

const summary = {
  duration_s: 12.3456,
  started_at: '2026-11-26T12:00:00.000Z',
  verdict: 'growing',
  verdict_reason: 'it keeps a "<Session>" & more',
  bytes_per_connection: 3000,
};

function junitOf(texts: readonly string[], failure?: string): string {
  const checked = texts.map((text) => {
    const assertion = parseAssertion(text);
    return { assertion, outcome: checkAssertion(assertion, summary) };
  });
  return writeJunit(summary, checked, failure);
}

/** What Jenkins takes, see the file for its source and licence. */
const schema = readFileSync(join(packageFolder, 'bench/ci/jenkins-junit.fixture.xsd'), 'utf8');

/** Returns what libxml2 has against a report, in words. */
async function complaintsAbout(report: string): Promise<readonly string[]> {
  const { errors } = await validateXML({
    xml: { fileName: 'junit.xml', contents: report },
    schema,
  });
  return errors.map(({ message }) => message);
}

describe('writeJunit()', () => {
  it('makes each assertion a test case, after the run itself', () => {
    const text = junitOf(['bytes_per_connection<4KiB', 'verdict!=growing', 'connect_p99_ms<250']);
    assert.deepEqual(text.split('\n').slice(2), [
      '<testsuite name="tidemark bench" tests="4" failures="2" errors="0" time="12.346" timestamp="2026-11-26T12:00:00">',
      '<testcase classname="tidemark.bench" name="the run is completed" time="12.346"/>',
      '<testcase classname="tidemark.bench" name="bytes_per_connection &lt; 4KiB" time="0"/>',
      '<testcase classname="tidemark.bench" name="verdict != growing" time="0"><failure message="fails  verdict != growing: growing" type="failure">it keeps a &quot;&lt;Session&gt;&quot; &amp; more</failure></testcase>',
      '<testcase classname="tidemark.bench" name="connect_p99_ms &lt; 250" time="0"><failure message="unknown  connect_p99_ms &lt; 250: is not in the summary of this run: not measured here, or not spelled so" type="failure">it keeps a &quot;&lt;Session&gt;&quot; &amp; more</failure></testcase>',
      '</testsuite>',
      '</testsuites>',
      '',
    ]);
  });

  it('calls a run that failed an error', () => {
    const text = junitOf([], 'The target died: \u001b[31m\u0000 and a half \ud800');
    assert.match(text, /tests="1" failures="0" errors="1"/);
    assert.match(
      text,
      /<error message="The target died: \ufffd\[31m\ufffd and a half \ufffd" type="error">/,
    );
  });

  it('keeps to the schema of Jenkins, whatever came of the run', async () => {
    const asserted = ['bytes_per_connection<4KiB', 'verdict!=growing', 'connect_p99_ms<250'];
    for (const report of [
      junitOf([]),
      junitOf(asserted),
      junitOf(asserted, 'The target died: \u001b[31m\u0000 and a half \ud800 & <more>'),
    ]) {
      assert.deepEqual(await complaintsAbout(report), []);
    }
  });

  it('would not keep to it with a case that has no name, or a failure outside of one', async () => {
    const report = junitOf(['verdict!=growing']);
    const nameless = report.replace(' name="the run is completed"', '');
    assert.match((await complaintsAbout(nameless)).join(), /'name' is required but missing/);
    const outside = report.replace('</testsuite>', '<failure/></testsuite>');
    assert.match(
      (await complaintsAbout(outside)).join(),
      /'failure': This element is not expected/,
    );
  });
});
