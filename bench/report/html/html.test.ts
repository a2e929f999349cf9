import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { embedJson, html, trusted } from './html.js';

describe('html', () => {
  it('escapes texts, in content and in attributes', () => {
    const hostile = `"><script>alert('1 & 2')</script>`;
    const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;1 &amp; 2&#39;)&lt;/script&gt;';
    assert.equal(
      html`<p title="${hostile}">${hostile}</p>`.text,
      `<p title="${escaped}">${escaped}</p>`,
    );
  });

  it('takes pieces of HTML and lists of them as they are, and undefined for nothing', () => {
    const items = ['a', 'b & c'].map((each) => html`<li>${each}</li>`);
    const page = html`<ul>
        ${items}
      </ul>
      ${undefined}${trusted('<hr>')}${0}`;
    assert.equal(page.text.replaceAll(/\s+</g, '<'), '<ul><li>a</li><li>b &amp; c</li></ul><hr>0');
  });
});

describe('embedJson()', () => {
  it('lets nothing end the script element, and stays the same JSON', () => {
    const value = { greeting: '</script><!-- <script> &amp; \u2028' };
    const { text } = embedJson(value);
    assert.equal(text.includes('<'), false);
    assert.deepEqual(JSON.parse(text), value);
  });
});
