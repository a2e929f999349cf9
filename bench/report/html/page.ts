import { createHash } from 'node:crypto';
import { embedJson, type Html, html } from './html.js';
import { style } from './style.js';

/** The scripts and style sheets that the page carries in itself. */
export interface PageAssets {
  /** uPlot, as a classic script that defines the global `uPlot`, and its style sheet. */
  readonly chartScript: string;
  readonly chartStyle: string;
  /** The page's own modules, by the name under which they import each other. */
  readonly modules: Readonly<Record<string, string>>;
  /** Name of the module to start with. */
  readonly mainModule: string;
}

/** Puts a page together that needs nothing but itself. */
export function writePage(title: string, body: Html, data: object, assets: PageAssets): string {
  const { chartScript, chartStyle, modules, mainModule } = assets;
  const importMap = embedJson({ imports: mapValues(modules, moduleUrl) }).text;
  const start = `import ${embedJson(mainModule).text};`;
  const scripts = [chartScript, importMap, start];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    html`<meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta http-equiv="Content-Security-Policy" content="${contentPolicy(scripts)}" />
      <title>${title}</title>
      <link rel="icon" href="data:," />`.text,
    `<style>${chartStyle}${style}</style>`,
    '</head>',
    '<body>',
    body.text,
    // Not by templates: what is between the tags must be exactly what was hashed.
    `<script type="application/json" id="report-document">${embedJson(data).text}</script>`,
    `<script>${chartScript}</script>`,
    `<script type="importmap">${importMap}</script>`,
    `<script type="module">${start}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** No network at all, and no script but those with these texts (CSP level 3). uPlot positions its elements by style. */
function contentPolicy(scripts: readonly string[]): string {
  const hashes = scripts.map(
    (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  return `default-src 'none'; script-src ${hashes.join(' ')} data:; style-src 'unsafe-inline'; img-src data:`;
}

function moduleUrl(source: string): string {
  return `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
