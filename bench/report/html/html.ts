/** A piece of HTML, in which all that came from outside is escaped. Made by {@link html} only, or {@link trusted}. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text and numbers are escaped, pieces go in as they are, undefined is nothing. */
export type Content = Html | string | number | undefined | readonly Content[];

/** Makes HTML of a template literal, escaping all values that are not HTML themselves. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(strings.map((text, index) => `${text}${contentOf(values[index])}`).join(''));
}

/** Takes a text for HTML as it is: only for what this package itself has written. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** Escapes a text for element content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Writes JSON for the inside of a script element: no `<`, so that no `</script>` or `<!--` can end it. */
export function embedJson(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', String.raw`\u003c`));
}

function contentOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map(contentOf).join('');
  return escapeHtml(String(content));
}
