import { type Html, html } from './html.js';

/** A table: its first column names the rows. */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many of the first columns are words; the others are figures and stand to the right. */
  readonly wordColumns?: number;
}

/** Writes a table, in a frame that scrolls sideways, by keyboard too, where the screen is too narrow. */
export function writeTable({ caption, head, rows, wordColumns = 1 }: Table): Html {
  const kind = (index: number): string => (index < wordColumns ? 'word' : 'figure');
  return html`<div class="scroller" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((name, index) => html`<th scope="col" class="${kind(index)}">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((cells) => writeRow(cells, kind))}
      </tbody>
    </table>
  </div>`;
}

function writeRow(cells: readonly string[], kind: (index: number) => string): Html {
  return html`<tr>
    ${cells.map((cell, index) =>
      index === 0
        ? html`<th scope="row" class="word">${cell}</th>`
        : html`<td class="${kind(index)}">${cell}</td>`,
    )}
  </tr>`;
}
