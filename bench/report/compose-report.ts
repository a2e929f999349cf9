import type { Chart } from './charts/chart.js';
import { tellByPhase, tellByPoint, tellLatencies } from './charts/chart-table.js';
import { makeCostChart } from './charts/cost-chart.js';
import { makeFloorChart } from './charts/floor-chart.js';
import { decodeLatencies, makeLatencyChart } from './charts/latency-chart.js';
import { makeTimeCharts } from './charts/time-charts.js';
import { encodeColumn, type EncodedTable } from './embedded/encoded-column.js';
import { formatValue } from './embedded/format-value.js';
import type { ReportDocument } from './embedded/report-document.js';
import { writeFigure } from './html/figure.js';
import { type Html, html } from './html/html.js';
import { writeIcicles } from './html/icicle.js';
import { type PageAssets, writePage } from './html/page.js';
import {
  writeCardGrid,
  writeCosts,
  writeJudgements,
  writeMachine,
  writeMasthead,
  writeSites,
  writeWarningBox,
} from './html/sections.js';
import type { Table } from './html/table.js';
import type { StoredRun } from '../results/read-run.js';
import { growConnectionTree } from '../results/connection-tree.js';
import { findFacts, type RunFacts } from './facts/run-facts.js';
import { writeCards } from './text/cards.js';
import { describeMachine, readableTime, writeCommand } from './text/machine.js';
import { writeEvidence } from './text/evidence.js';
import { writeHeadline, writeWarnings } from './text/headline.js';

/** A chart with what it says as a table. */
interface ToldChart {
  readonly chart: Chart;
  readonly table: Table;
}

/** Composes the report of a run: one HTML document that needs nothing but itself. */
export function composeReport(run: StoredRun, assets: PageAssets): string {
  const facts = findFacts(run);
  const latencies = decodeLatencies(run.summary);
  const headline = writeHeadline(facts);
  const overTime = makeTimeCharts(run.rows, run.summary?.connect_rate_asked_per_s).map((chart) => ({
    chart,
    table: tellByPhase(chart, facts.spans),
  }));
  const floors = told(makeFloorChart(facts), (chart) => tellByPoint(chart, 'after', nameWave));
  const cost = told(makeCostChart(facts.cost), (chart) =>
    tellByPoint(chart, 'connections', (x) => formatValue(x, 'count')),
  );
  const latency = told(makeLatencyChart(latencies), () => tellLatencies(latencies));
  const body = html`<a class="skip" href="#over-time">Skip to the charts</a>
    <main>
      ${writeMasthead(headline, writeSubtitle(run))} ${writeWarningBox(writeWarnings(run, facts))}
      ${writeCardGrid(writeCards(run, facts, latencies))}
      ${section('over-time', 'Over time', [
        writeToolbar(facts),
        overTime.length === 0 ? html`<p>No sample was taken.</p>` : overTime.map(figureOf),
      ])}
      ${section('comes-back', 'Does the memory come back?', [
        html`<ul class="evidence">
          ${writeEvidence(run, facts).map((sentence) => html`<li>${sentence}</li>`)}
        </ul>`,
        floors.map(figureOf),
        writeJudgements(facts.judgements),
      ])}
      ${section('cost', 'What does a connection cost?', [cost.map(figureOf), writeCosts(facts)])}
      ${writeSiteSection(run)}
      ${section(
        'latency',
        'How long did it take?',
        latency.length === 0
          ? html`<p>No latencies were kept: they are in the summary of a run that has ended.</p>`
          : latency.map(figureOf),
      )}
      ${section('machine', 'Where and how', writeMachine(describeMachine(run), writeCommand(run)))}
      <p id="announcer" class="unseen" aria-live="polite"></p>
    </main>
    <footer>
      <p>
        Drawn by Tidemark from <a href="samples.csv">samples.csv</a>, which lies beside this file.
        Every sample is in the charts: ${formatValue(run.rows.length, 'count')} of
        ${formatValue(run.rows.length, 'count')}.
      </p>
    </footer>`;
  const charts = [...overTime, ...floors, ...cost, ...latency].map(({ chart }) => chart);
  const title = `${headline.title} – ${writeSubtitle(run)}`;
  return writePage(title, body, makeDocument(run, facts, charts), assets);
}

function writeSiteSection({ sites }: StoredRun): Html {
  if (sites.length === 0) return html``;
  const held = growConnectionTree('open connection', sites, 'heldPerConnection');
  const stays = growConnectionTree('closed connection', sites, 'staysPerConnection');
  const icicles = [
    ...(held === undefined ? [] : [{ title: 'Held while it is open', root: held }]),
    ...(stays === undefined ? [] : [{ title: 'Stays after it has closed', root: stays }]),
  ];
  return section('made-of', 'What is a connection made of?', [
    writeIcicles(icicles),
    writeSites(sites),
    html`<p class="note">
      Counted, so that it leaves out what allocators and collectors keep. Each row divides what is
      above it, to one scale; the tables divide the same memory in two ways.
      <a href="sites.csv">sites.csv</a> has all of it.
    </p>`,
  ]);
}

/** Names the run in a line: what was tested, with how much, and when. */
function writeSubtitle({ name, rows, summary }: StoredRun): string {
  const started = rows[0]?.timestamp;
  const load =
    summary?.connections === undefined
      ? []
      : [
          `${formatValue(summary.connections, 'count')} connections × ${formatValue(summary.waves_asked, 'count')} waves`,
        ];
  return [
    'Tidemark',
    summary?.target ?? name,
    ...load,
    ...(started === undefined ? [] : [readableTime(started)]),
  ].join(' · ');
}

function makeDocument(
  { rows }: StoredRun,
  { spans }: RunFacts,
  charts: readonly Chart[],
): ReportDocument {
  const tables: Record<string, EncodedTable> = {};
  for (const { definition, columns } of charts) {
    const encoded = Object.entries(columns).map(([name, values]) => [name, encodeColumn(values)]);
    tables[definition.table] = {
      ...tables[definition.table],
      ...(Object.fromEntries(encoded) as EncodedTable),
    };
  }
  const startedAtMs = Date.parse(rows[0]?.timestamp ?? '') - (rows[0]?.elapsed_s ?? 0) * 1000;
  return {
    startedAtMs: Number.isFinite(startedAtMs) ? startedAtMs : null,
    tables,
    spans,
    charts: charts.map(({ definition }) => definition),
  };
}

function told(chart: Chart | undefined, tell: (chart: Chart) => Table): ToldChart[] {
  return chart === undefined ? [] : [{ chart, table: tell(chart) }];
}

function figureOf({ chart, table }: ToldChart): Html {
  return writeFigure(chart.definition, table);
}

function nameWave(wave: number): string {
  return wave === 0 ? 'baseline' : `wave ${wave}`;
}

function section(id: string, title: string, content: Html | readonly (Html | readonly Html[])[]) {
  return html`<section id="${id}" aria-labelledby="${id}-heading">
    <h2 id="${id}-heading">${title}</h2>
    ${content}
  </section>`;
}

function writeToolbar({ spans }: RunFacts): Html {
  const waves = [...new Set(spans.map(({ wave }) => wave))].filter((wave) => wave > 0);
  return html`<div class="toolbar" role="group" aria-label="Part of the run that the charts show">
      <label
        >Show
        <select id="time-range">
          <option value="all">the whole run</option>
          ${waves.map((wave) => html`<option value="${wave}">wave ${wave}</option>`)}
          <option value="part" hidden>a part of it</option>
        </select></label
      >
      <button type="button" data-zoom="in">Zoom in</button>
      <button type="button" data-zoom="out">Zoom out</button>
      <button type="button" data-zoom="all">Show all</button>
    </div>
    <p id="keyboard" class="note">
      Drag across a chart to zoom; double-click to show all. By keyboard: arrow keys move along the
      chart, Home and End to its ends, + and − zoom, 0 shows all. Press a name in a legend to hide
      or show it.
    </p>`;
}
