import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { composeReport } from './compose-report.js';
import { decodeColumn } from './embedded/encoded-column.js';
import type { ReportDocument } from './embedded/report-document.js';
import { exampleRows, exampleRun, exampleSummary } from './example-run.fixture.js';
import { readPageAssets } from './page-assets.js';
import { parseStoredEnvironment } from '../results/read-environment.js';

const assets = readPageAssets();

function documentIn(page: string): ReportDocument {
  const json = /<script type="application\/json" id="report-document">(.*?)<\/script>/s.exec(page);
  return JSON.parse(json?.[1] ?? '') as ReportDocument;
}

describe('composeReport()', () => {
  it('carries every sample', () => {
    const { tables, startedAtMs } = documentIn(composeReport(exampleRun, assets));
    const { samples } = tables;
    assert.ok(samples?.['connections'] && samples['native_malloc_bytes']);
    assert.deepEqual(
      decodeColumn(samples['connections']),
      exampleRows.map((row) => row.connections),
    );
    assert.deepEqual(
      decodeColumn(samples['native_malloc_bytes']),
      exampleRows.map((row) => row.native_malloc_bytes),
    );
    assert.equal(startedAtMs, Date.UTC(2026, 0, 31, 12));
  });

  it('has a place, a heading and a table for each chart', () => {
    const page = composeReport(exampleRun, assets);
    const { charts } = documentIn(page);
    assert.deepEqual(
      charts.map(({ id }) => id),
      ['memory', 'kernel', 'rate', 'cpu', 'floors', 'cost', 'latency'],
    );
    for (const { id, title } of charts) {
      assert.ok(page.includes(`data-chart="${id}"`));
      assert.ok(page.includes(`<h3 id="${id}-title">${title}</h3>`));
      assert.ok(page.includes(`${title} as a table`));
    }
  });

  it('tells what a connection is made of, and what stays, only where that was counted', () => {
    const site = { source: 'js_heap', by: 'site', name: 'accept server.js:12', state: '' };
    const block = { source: 'malloc', by: 'kind', name: '65568', state: 'zlib deflate state' };
    const page = composeReport(
      {
        ...exampleRun,
        sites: [
          { ...site, heldPerConnection: 2048, staysPerConnection: -3 },
          { ...block, heldPerConnection: 65_568, staysPerConnection: 1024 },
        ],
      },
      assets,
    );
    const cells = [...page.matchAll(/<t[hd] (?:scope="row" )?class="(?:word|figure)">([^<]*)</g)];
    const texts = cells.map(([, text = '']) => text.trim());
    const rowOf = (name: string): string[] => texts.slice(texts.indexOf(name)).slice(1, 4);
    assert.deepEqual(rowOf('accept server.js:12'), ['JS heap', '2.00 KiB', '–']);
    assert.deepEqual(rowOf('block of 65,568 B, of a zlib deflate state'), [
      'malloc',
      '64.0 KiB',
      '1.00 KiB',
    ]);
    assert.doesNotMatch(composeReport(exampleRun, assets), /What is a connection made of/);
  });

  it('lets no text of a run become markup', () => {
    const hostile = `</script><script>alert(1)</script><img src=x onerror='alert("2")'>`;
    const page = composeReport(
      {
        ...exampleRun,
        name: hostile,
        problems: [hostile],
        sites: ['kind', 'site'].map((by) => ({
          source: hostile,
          by,
          name: hostile,
          state: hostile,
          heldPerConnection: 1,
          staysPerConnection: undefined,
        })),
        rows: exampleRows.map((row) => ({ ...row, timestamp: hostile })),
        summary: {
          ...exampleSummary,
          outcome: 'failed',
          reason: hostile,
          target: hostile,
          allocator: hostile,
          errors: { [hostile]: 1 },
          judgements: [{ owner: hostile, verdict: 'growing', reason: hostile }],
          bottlenecks: [hostile],
          discrepancies: [hostile],
        },
        environment: parseStoredEnvironment({
          command_line: ['bench', '--greeting', hostile],
          tidemark_variables: { TIDEMARK_URL: hostile },
          dependencies: { [hostile]: hostile },
          kernel_settings: { [hostile]: hostile },
          host: hostile,
        }),
      },
      assets,
    );
    assert.equal(page.includes('<script>alert'), false);
    assert.equal(page.includes('<img'), false);
    // One for the data, one for uPlot, one for the import map, one to start with.
    assert.equal(page.match(/<script/g)?.length, 4);
    assert.equal(page.match(/<\/script>/g)?.length, 4);
  });

  it('allows no network, and only the scripts that it carries', () => {
    const page = composeReport(exampleRun, assets);
    const policy = /Content-Security-Policy"\s+content="([^"]*)"/.exec(page)?.[1] ?? '';
    assert.match(policy, /^default-src &#39;none&#39;; script-src /);
    for (const [, script = ''] of page.matchAll(
      /<script(?: type="(?:importmap|module)")?>(.*?)<\/script>/gs,
    )) {
      const hash = createHash('sha256').update(script).digest('base64');
      assert.ok(policy.includes(`sha256-${hash}`), script.slice(0, 80));
    }
    // Namespaces of XML are names, not addresses.
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    assert.deepEqual(addresses, ['data:,', '#over-time', 'samples.csv']);
  });

  it('works without a sample and without a summary', () => {
    const page = composeReport(
      { ...exampleRun, rows: [], summary: undefined, isCut: true },
      assets,
    );
    assert.match(page, /No sample was taken\./);
    assert.deepEqual(documentIn(page).charts, []);
  });
});
