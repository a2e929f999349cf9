import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatCsv } from './csv-file.js';
import { parseSites } from './read-sites.js';
import { siteColumns } from './site-columns.js';

describe('parseSites()', () => {
  it('reads back what was written', () => {
    const text = formatCsv(siteColumns, [
      {
        source: 'js_heap',
        by: 'site',
        name: 'accept "a", server.js:12',
        state: '',
        hold_count_per_connection: undefined,
        hold_bytes_per_connection: 12.5,
        stays_count_per_connection: undefined,
        stays_bytes_per_connection: undefined,
      },
    ]);
    assert.deepEqual(parseSites(text), [
      {
        source: 'js_heap',
        by: 'site',
        name: 'accept "a", server.js:12',
        state: '',
        heldPerConnection: 12.5,
        staysPerConnection: undefined,
      },
    ]);
  });

  it('refuses what is something else', () => {
    assert.throws(() => parseSites('a,b\n1,2\n'), /is not a sites\.csv: it has no column source/);
  });
});
