import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringify } from 'csv-stringify/sync';
import { formatRow } from './csv-file.js';
import { sampleColumns } from './sample-columns.js';
import { exampleRows } from '../report/example-run.fixture.js';
import { parseSamples } from './read-samples.js';

const header = stringify([Object.keys(sampleColumns)]);
const whole = header + exampleRows.map((row) => formatRow(sampleColumns, row)).join('');

describe('parseSamples()', () => {
  it('reads what bench has written', () => {
    assert.deepEqual(parseSamples(whole), { rows: exampleRows, isCut: false });
  });

  it('reads the same with CRLF and a byte order mark, as a spreadsheet may leave it', () => {
    const text = `\u{feff}${whole.replaceAll('\n', '\r\n')}`;
    assert.deepEqual(parseSamples(text), { rows: exampleRows, isCut: false });
  });

  it('leaves a row out that was cut, wherever that happened', () => {
    const lastLine = whole.trimEnd().lastIndexOf('\n') + 1;
    for (let end = lastLine + 1; end < whole.length; end++) {
      assert.deepEqual(parseSamples(whole.slice(0, end)), {
        rows: exampleRows.slice(0, -1),
        isCut: true,
      });
    }
  });

  it('stops where the file is damaged', () => {
    const lines = whole.split('\n');
    lines[4] = 'garbage';
    assert.deepEqual(parseSamples(lines.join('\n')), {
      rows: exampleRows.slice(0, 3),
      isCut: true,
    });
  });

  it('reads a header alone as no row', () => {
    assert.deepEqual(parseSamples(header), { rows: [], isCut: false });
  });

  it('takes columns by their names, whatever their order and number', () => {
    const { rows } = parseSamples(
      'phase,wave,elapsed_s,timestamp,rss_bytes,new_column\nhold,1,2.5,2026-01-31T12:00:00.000Z,4096,7\n',
    );
    assert.equal(rows[0]?.rss_bytes, 4096);
    assert.equal(rows[0].phase, 'hold');
    assert.equal(rows[0].connections, undefined);
  });

  it('refuses what is no samples.csv', () => {
    assert.throws(() => parseSamples(''), {
      name: 'SyntaxError',
      message: 'is no samples.csv: it has no column timestamp, elapsed_s, wave, phase',
    });
    assert.throws(() => parseSamples('timestamp,wave,phase\n'), {
      message: 'is no samples.csv: it has no column elapsed_s',
    });
  });
});
