import type { ChartDefinition, SeriesDefinition } from '../embedded/report-document.js';
import { type Html, html } from './html.js';
import { type Table, writeTable } from './table.js';

/** Writes a chart's place in the page, with its legend, and the same as a table. The page's script draws into it. */
export function writeFigure(definition: ChartDefinition, table: Table): Html {
  const { id, title, description, series } = definition;
  return html`<figure class="chart" data-chart="${id}">
    <figcaption>
      <h3 id="${id}-title">${title}</h3>
      <p id="${id}-description">${description}</p>
    </figcaption>
    <div
      class="plot"
      role="application"
      aria-roledescription="chart"
      aria-labelledby="${id}-title"
      aria-describedby="${id}-description keyboard"
      tabindex="0"
    ></div>
    ${series.some(({ baseline }) => baseline !== undefined) ? baselineSwitch : ''}
    <div class="legend">
      <p class="readout"></p>
      <ul>
        ${series.map((each, index) => writeLegendItem(each, index))}
      </ul>
    </div>
    <details>
      <summary>${title} as a table</summary>
      ${writeTable(table)}
    </details>
  </figure>`;
}

const baselineSwitch = html`<p class="switch">
  <button type="button" class="above" aria-pressed="true">
    Only what is above the baseline, owner by owner
  </button>
</p>`;

function writeLegendItem({ label }: SeriesDefinition, index: number): Html {
  return html`<li>
    <button type="button" data-series="${index}" aria-pressed="true">
      <span class="swatch" aria-hidden="true"></span>
      <span class="label">${label}</span>
      <span class="value"></span>
    </button>
  </li>`;
}
