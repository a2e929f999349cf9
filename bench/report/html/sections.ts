import { ownerKeys, owners } from '../../results/owners.js';
import type { MemoryFigure, MemoryFigures } from '../../results/wave-figures.js';
import { formatValue } from '../embedded/format-value.js';
import type { RunFacts } from '../facts/run-facts.js';
import {
  type LiveSource,
  liveSourceNames,
  liveSources,
  nameKind,
} from '../../results/live-memory.js';
import type { StoredSite } from '../../results/read-sites.js';
import type { StoredJudgement } from '../../results/read-summary.js';
import type { Card } from '../text/cards.js';
import { asSentence, type Headline } from '../text/headline.js';
import type { FactGroup } from '../text/machine.js';
import { type Html, html } from './html.js';
import { writeTable } from './table.js';

/** A shape for each verdict, so that its colour is not all that tells. */
const verdictMarks = { released: '✓', retained: '▬', growing: '▲', inconclusive: '?' } as const;

/** Writes the top of the page: what was run, the verdict and its reason. */
export function writeMasthead(headline: Headline, subtitle: string): Html {
  const { verdict, title, evidence } = headline;
  return html`<header class="masthead">
    <p class="eyebrow">${subtitle}</p>
    <p class="badge ${verdict}">
      <span aria-hidden="true">${verdictMarks[verdict]}</span> Verdict: ${verdict}
    </p>
    <h1>${title}</h1>
    <p class="lead">${evidence}</p>
  </header>`;
}

/** Writes what makes the figures doubtful; nothing if nothing does. */
export function writeWarningBox(warnings: readonly string[]): Html {
  if (warnings.length === 0) return html``;
  return html`<aside class="warnings" aria-labelledby="warnings-title">
    <h2 id="warnings-title">Read this first</h2>
    <ul>
      ${warnings.map((warning) => html`<li>${asSentence(warning)}</li>`)}
    </ul>
  </aside>`;
}

/** Writes the figures that people look for first. */
export function writeCardGrid(cards: readonly Card[]): Html {
  return html`<section aria-labelledby="figures-title">
    <h2 id="figures-title" class="unseen">Key figures</h2>
    <dl class="cards">
      ${cards.map(
        ({ label, value, note }) =>
          html`<div class="card">
            <dt>${label}</dt>
            <dd class="value">${value}</dd>
            <dd class="note">${note}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

/** Writes the verdict on each owner of memory. */
export function writeJudgements(judgements: readonly StoredJudgement[]): Html {
  if (judgements.length === 0) return html``;
  const bytes = (value: number | undefined): string => formatValue(value, 'bytes');
  return writeTable({
    caption: 'Verdict by owner of the memory',
    head: [
      'owner',
      'verdict',
      'peak growth',
      'stays',
      'noise',
      'per connection opened',
      '95 % interval',
    ],
    wordColumns: 2,
    rows: judgements.map((each) => [
      nameOwner(each.owner),
      each.trend === undefined ? each.verdict : `${each.verdict}, ${each.trend}`,
      bytes(each.peak_growth_bytes),
      bytes(each.retained_bytes),
      bytes(each.noise_bytes),
      bytes(each.growth_bytes_per_connection),
      each.growth_bytes_per_connection === undefined
        ? '–'
        : `${bytes(each.growth_bytes_per_connection_low)} to ${bytes(each.growth_bytes_per_connection_high)}`,
    ]),
  });
}

/** Writes bytes per connection of each wave, by owner. */
export function writeCosts({ waves }: RunFacts): Html {
  const figures: readonly (readonly [string, MemoryFigure])[] = [
    ['RSS', 'rss_bytes'],
    ['private', 'private_bytes'],
    ...ownerKeys
      .filter((owner) => owners[owner].place !== 'files')
      .map((owner) => [owners[owner].label, owners[owner].figure] as const),
  ];
  const measured = waves.flatMap(({ wave, memory }) =>
    memory === undefined ? [] : [{ wave, costs: memory.per_connection_over_baseline }],
  );
  const shown = figures.filter(([, figure]) => measured.some(({ costs }) => figure in costs));
  if (measured.length === 0) return html``;
  const cells = (costs: MemoryFigures): string[] =>
    shown.map(([, figure]) => formatValue(costs[figure], 'bytes'));
  return writeTable({
    caption: 'Per open connection: (hold − baseline) ÷ connections',
    head: ['', ...shown.map(([name]) => name)],
    rows: measured.map(({ wave, costs }) => [`wave ${wave}`, ...cells(costs)]),
  });
}

/** Rows of each table of sites; sites.csv has the others. */
const mostSites = 15;

/** Writes what a connection holds and what stays of it, by kind and by the place in the code, the largest first. */
export function writeSites(sites: readonly StoredSite[]): Html {
  const divisions = [
    {
      by: 'site',
      caption: 'Per connection, by where it was allocated',
      name: 'function, file, line',
    },
    { by: 'kind', caption: 'Per connection, by class, type or size of block', name: 'kind' },
  ] as const;
  return html`${divisions.map(({ by, caption, name }) => {
    const rows = sites.filter((site) => site.by === by).slice(0, mostSites);
    if (rows.length === 0) return html``;
    return writeTable({
      caption,
      head: [name, 'of', 'held while open', 'stays after the close'],
      wordColumns: 2,
      rows: rows.map((site) => {
        const known = liveSourceNames.find((source) => source === site.source);
        return [
          nameSite(known, site),
          known === undefined ? site.source : owners[liveSources[known].owners[0]].label,
          positiveBytes(site.heldPerConnection),
          positiveBytes(site.staysPerConnection),
        ];
      }),
    });
  })}`;
}

function nameSite(known: LiveSource | undefined, { by, name, state }: StoredSite): string {
  const named = known !== undefined && by === 'kind' ? nameKind(known, name) : name;
  return state === '' ? named : `${named}, of a ${state}`;
}

/** Less than nothing is what the program gave back of its start, and no part of a connection. */
function positiveBytes(value: number | undefined): string {
  return value !== undefined && value > 0 ? formatValue(value, 'bytes') : '–';
}

/** Writes the facts on the run and the machine, and the command to run it again. */
export function writeMachine(groups: readonly FactGroup[], command: string | undefined): Html {
  return html`${
      command === undefined
        ? html`<p>Nobody has kept the command of this run.</p>`
        : html`<h3 id="command-title">To run it again</h3>
            <pre
              tabindex="0"
              role="region"
              aria-labelledby="command-title"
            ><code>${command}</code></pre>
            <p class="note">
              Without the folder of the results, if one was given: that one holds this run.
            </p>`
    }
    <div class="facts">
      ${groups.map(
        ({ title, facts }) =>
          html`<section aria-label="${title}">
            <h3>${title}</h3>
            <dl>
              ${facts.map(
                ([name, value]) =>
                  html`<div>
                    <dt>${name}</dt>
                    <dd>${value}</dd>
                  </div>`,
              )}
            </dl>
          </section>`,
      )}
    </div>`;
}

/** A summary of another version may know other owners. */
function nameOwner(owner: string): string {
  const known = ownerKeys.find((key) => key === owner);
  return owner === 'whole'
    ? 'all private memory'
    : known === undefined
      ? owner
      : owners[known].label;
}
