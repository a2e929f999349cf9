import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sheetXml } from './sheet-xml.js';
import { lettersOf, rangeOf, type Sheet } from './workbook.js';

const sheet: Sheet = {
  name: 'a sheet',
  rows: [['name'], ['=1+1', 1.002, true, new Date('1970-01-02T12:00:00Z'), undefined, '', NaN]],
  headRows: 1,
  widthsCharacters: [],
  charts: [],
};

describe('sheetXml()', () => {
  it('types its cells, and leaves out those that are empty', () => {
    const cells = [...sheetXml(sheet).matchAll(/<c .*?<\/c>/g)].map(([cell]) => cell);
    assert.deepEqual(cells, [
      '<c r="A1" s="1" t="inlineStr"><is><t xml:space="preserve">name</t></is></c>',
      '<c r="A2" s="0" t="inlineStr"><is><t xml:space="preserve">=1+1</t></is></c>',
      '<c r="B2"><v>1.002</v></c>',
      '<c r="C2" t="b"><v>1</v></c>',
      // 25,569 is 1970-01-01.
      '<c r="D2" s="2"><v>25570.5</v></c>',
    ]);
  });

  it('freezes its head', () => {
    assert.match(sheetXml(sheet), /<pane ySplit="1" topLeftCell="A2" .* state="frozen"\/>/);
    assert.doesNotMatch(sheetXml({ ...sheet, headRows: 0 }), /<pane/);
  });

  it('escapes what is XML, and takes out what no XML may have', () => {
    const text = sheetXml({ ...sheet, rows: [['<a>&"\u0000\u001b']] });
    assert.ok(text.includes('>&lt;a&gt;&amp;&quot;</t>'));
  });
});

describe('lettersOf()', () => {
  it('counts on after Z with two letters, after ZZ with three', () => {
    assert.deepEqual([0, 25, 26, 701, 702].map(lettersOf), ['A', 'Z', 'AA', 'ZZ', 'AAA']);
  });
});

describe('rangeOf()', () => {
  it('names the cells below the head', () => {
    assert.equal(rangeOf(sheet, 1), "'a sheet'!$B$2:$B$2");
  });
});
