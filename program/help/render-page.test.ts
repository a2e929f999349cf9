import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainText, renderPage } from './render-page.js';

const page = `# The \`first\` run

This page says
**what** a run [prints and
leaves](start.md#end), see [below](#more) and [a site](https://example.org).
![A chart](chart.png)
<!-- table: options -->

- \`--rate R\\|max\`: how fast
  it goes
- two
  - three

<!-- end -->

\`\`\`sh
tidemark bench   # [not](a link)

done
\`\`\`

## More

| a   | b      |
| --- | ------ |
| 1   | \`two\` |
`;

const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;
const underlined = (text: string): string => `\u001b[4m${text}\u001b[24m`;

describe('renderPage()', () => {
  it('writes a page for a pipe: wrapped, with its marks, links with where they lead', () => {
    assert.equal(
      renderPage(page, { isStyled: false, columns: 60 }),
      `# The first run

This page says what a run prints and leaves (start.md#end),
see below and a site (https://example.org). [picture: A
chart]

- \`--rate R|max\`: how fast it goes
- two
  - three

    tidemark bench   # [not](a link)

    done

## More

| a   | b      |
| --- | ------ |
| 1   | \`two\` |
`,
    );
  });

  it('writes it for a terminal: headings, code and strong text in bold, without their marks', () => {
    const lines = renderPage(page, { isStyled: true, columns: 120 }).split('\n');
    assert.equal(lines[0], ['The', 'first', 'run'].map((word) => underlined(bold(word))).join(' '));
    assert.equal(
      lines[2],
      `This page says ${bold('what')} a run prints and leaves (start.md#end), see below and a site (https://example.org). [picture: A`,
    );
    assert.ok(lines.includes(`- ${bold('--rate')} ${bold('R|max')}: how fast it goes`));
    assert.ok(lines.includes(bold('More')));
    assert.ok(lines.includes('    tidemark bench   # [not](a link)'));
  });

  it('continues a wrapped item below its text', () => {
    const list = '- one two three four five six seven eight nine ten\n  1. eleven\n';
    assert.equal(
      renderPage(list, { isStyled: false, columns: 44 }),
      '- one two three four five six seven eight\n  nine ten\n  1. eleven\n',
    );
  });
});

describe('plainText()', () => {
  for (const [markdown, text] of [
    ['[`report.html`](report.md) of a **run**', 'report.html of a run'],
    ['a \\| b \\* `c \\| d` ``e ` f``', 'a | b * c | d e ` f'],
    ['2 * 3 [x] (y)', '2 * 3 [x] (y)'],
  ] as const) {
    it(`of ${markdown} is ${text}`, () => {
      assert.equal(plainText(markdown), text);
    });
  }
});
