import { tones } from './tones.js';

/** The tones as variables of the style sheet. */
const toneVariables = Object.entries(tones)
  .map(([name, colour]) => `--tone-${name}: ${colour};`)
  .join(' ');

/**
 * The style sheet of the report. Colours of the charts are brightened where they would be lost on a dark ground; no meaning
 * hangs on colour alone.
 */
export const style = `
:root {
  --ground: #ffffff; --raised: #f6f7f9; --line: #dfe3e8; --ink: #16202b; --soft: #566371;
  --link: #00588c; --shade: rgb(22 32 43 / 0.055); --grid: rgb(22 32 43 / 0.1); --mark: rgb(22 32 43 / 0.42);
  --good: #00694c; --keep: #00588c; --bad: #a53f00; --open: #5a5f66;
  ${toneVariables}
  color-scheme: light;
}
@media screen and (prefers-color-scheme: dark) {
  :root:not(.printing) {
    --ground: #11161c; --raised: #1a2129; --line: #303a45; --ink: #e8edf2; --soft: #a3b0bd;
    --link: #7cc4f0; --shade: rgb(232 237 242 / 0.06); --grid: rgb(232 237 242 / 0.1); --mark: rgb(232 237 242 / 0.42);
    --good: #4fd0a5; --keep: #7cc4f0; --bad: #ff9c5c; --open: #b9c2cb;
    --tone-blue: #3e9fe0; --tone-vermillion: #e8732a; --tone-green: #17b087; --tone-ink: #f4f7fa;
    color-scheme: dark;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
}
main, footer { max-width: 1120px; margin: 0 auto; padding: 0 32px; }
main { padding-top: 56px; }
h1, h2, h3 { line-height: 1.2; margin: 0; font-weight: 650; letter-spacing: -0.011em; }
h1 { font-size: clamp(28px, 4.6vw, 44px); letter-spacing: -0.022em; text-wrap: balance; }
h2 { font-size: 24px; margin: 72px 0 16px; }
h3 { font-size: 16px; }
p { margin: 0 0 12px; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--keep); outline-offset: 2px; border-radius: 4px; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 16px; top: 16px; background: var(--ground); padding: 8px 12px; z-index: 9; }
.eyebrow, .note, .chart figcaption p, .readout { color: var(--soft); font-size: 14px; }
.eyebrow { margin-bottom: 28px; }
.badge {
  display: inline-flex; gap: 8px; align-items: center; margin: 0 0 14px; padding: 3px 12px 3px 10px;
  border: 1.5px solid currentColor; border-radius: 99px; font-size: 14px; font-weight: 600;
}
.badge.released { color: var(--good); } .badge.retained { color: var(--keep); }
.badge.growing { color: var(--bad); } .badge.inconclusive { color: var(--open); }
.lead { font-size: 19px; line-height: 1.5; max-width: 46em; margin: 14px 0 0; color: var(--soft); text-wrap: pretty; }
.warnings { margin: 32px 0 0; padding: 16px 20px; border-left: 4px solid var(--bad); background: var(--raised); border-radius: 0 8px 8px 0; }
.warnings h2 { font-size: 16px; margin: 0 0 6px; }
.warnings ul, .evidence { margin: 0; padding-left: 20px; }
.evidence { max-width: 52em; margin-bottom: 28px; }
.evidence li, .warnings li { margin: 4px 0; }
.cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 16px; margin: 40px 0 0; }
.card { display: flex; flex-direction: column; background: var(--raised); border-radius: 12px; padding: 18px 20px; }
.card dt { font-size: 14px; color: var(--soft); }
.card dd { margin: 0; }
.card .value { font-size: 27px; font-weight: 650; letter-spacing: -0.02em; margin: 6px 0 4px; white-space: nowrap; }
.card .note { font-size: 13px; line-height: 1.4; }
.toolbar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 0 0 10px; }
.toolbar label { font-size: 14px; margin-right: 8px; }
.toolbar button, select { font: inherit; font-size: 14px; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 6px 12px; min-height: 36px; }
.toolbar button { cursor: pointer; }
.toolbar button:hover { background: var(--raised); }
.chart { margin: 32px 0 0; }
.chart figcaption p { margin: 4px 0 8px; max-width: 52em; }
.plot { width: 100%; }
.legend { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 14px; padding-left: 72px; }
.legend ul { display: flex; flex-wrap: wrap; gap: 2px 4px; margin: 0; padding: 0; list-style: none; }
.switch { margin: 4px 0; padding-left: 72px; }
.switch button { font: inherit; font-size: 14px; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 4px 12px; min-height: 34px; cursor: pointer; }
.switch button::before { content: '☐ '; }
.switch button[aria-pressed="true"]::before { content: '☑ '; }
.switch button:hover { background: var(--raised); }
.readout { margin: 0; min-width: 5em; }
.legend button { display: inline-flex; align-items: center; gap: 7px; font: inherit; font-size: 14px; color: inherit; background: none; border: 0; border-radius: 6px; padding: 4px 8px; min-height: 30px; cursor: pointer; }
.legend button:hover { background: var(--raised); }
.legend .value { color: var(--soft); min-width: 4.4em; text-align: left; }
.legend [aria-pressed="false"] .label { text-decoration: line-through; }
.legend [aria-pressed="false"] .swatch { visibility: hidden; }
.swatch { width: 22px; height: 13px; border-radius: 2px; background-position: left center; background-size: auto; flex: none; }
.icicle { margin: 24px 0 0; }
.icicle h3 { margin: 0 0 8px; }
.icicle text { fill: var(--ink); font-size: 13px; }
.icicle rect { fill: var(--tone-grey); fill-opacity: 0.22; stroke: var(--ground); stroke-width: 1px; }
.icicle .orange rect { fill: var(--tone-orange); fill-opacity: 0.4; }
.icicle .yellow rect { fill: var(--tone-yellow); fill-opacity: 0.4; }
.icicle .vermillion rect { fill: var(--tone-vermillion); fill-opacity: 0.36; }
.icicle .green rect { fill: var(--tone-green); fill-opacity: 0.36; }
details { margin: 8px 0 0 72px; font-size: 14px; }
summary { cursor: pointer; color: var(--soft); width: fit-content; }
/* A shadow on the side to which a wide table goes on; what scrolls with the table covers it at the table's end. */
.scroller {
  overflow-x: auto; margin: 12px 0 0;
  background:
    linear-gradient(to right, var(--ground) 40%, transparent) 0 0 / 48px 100% no-repeat local,
    linear-gradient(to left, var(--ground) 40%, transparent) 100% 0 / 48px 100% no-repeat local,
    linear-gradient(to right, var(--mark), transparent) 0 0 / 12px 100% no-repeat scroll,
    linear-gradient(to left, var(--mark), transparent) 100% 0 / 12px 100% no-repeat scroll;
}
table { border-collapse: collapse; font-size: 14px; width: 100%; }
caption { text-align: left; font-weight: 600; padding: 8px 0; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); white-space: nowrap; font-weight: 400; }
thead th { color: var(--soft); font-size: 13px; }
.word { text-align: left; } .figure { text-align: right; }
th.figure:last-child, td.figure:last-child { padding-right: 2px; }
pre { background: var(--raised); border-radius: 8px; padding: 14px 16px; margin: 10px 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.facts { columns: 2; column-gap: 56px; }
.facts section { break-inside: avoid; padding-top: 24px; }
.facts dl { margin: 8px 0 0; font-size: 14px; }
.facts dl div { display: flex; justify-content: space-between; gap: 20px; padding: 5px 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); flex: none; max-width: 60%; }
.facts dd { margin: 0; text-align: right; overflow-wrap: anywhere; min-width: 0; }
footer { margin-top: 72px; padding-bottom: 56px; color: var(--soft); font-size: 14px; }
.uplot { font-family: inherit; }
.u-hz .u-cursor-x, .u-vt .u-cursor-y { border-right-color: var(--soft); }
.u-select { background: var(--mark); opacity: 0.35; }
@media (max-width: 860px) { .cards { grid-template-columns: repeat(2, 1fr); } .facts { columns: 1; } }
@media (max-width: 560px) {
  main, footer { padding-left: 16px; padding-right: 16px; }
  main { padding-top: 28px; }
  h2 { margin-top: 52px; }
  .lead { font-size: 17px; }
  .cards { gap: 10px; margin-top: 28px; }
  .card { padding: 14px; }
  .card .value { font-size: 22px; }
  .legend, .switch, details { padding-left: 0; margin-left: 0; }
  .legend ul { display: grid; grid-template-columns: 1fr 1fr; width: 100%; gap: 0; }
  .legend button { min-height: 38px; padding: 4px 2px; text-align: left; }
  .legend button { font-size: 13px; }
  .legend .value { min-width: 0; white-space: nowrap; }
  .toolbar button, select { min-height: 44px; }
}
@media print {
  main, footer { max-width: none; padding: 0; }
  body { font-size: 11pt; }
  h2 { margin-top: 32px; break-after: avoid; }
  .chart, .card, tr { break-inside: avoid; }
  .toolbar, #keyboard, .skip, details:not([open]) { display: none; }
  .cards { grid-template-columns: repeat(4, 1fr); gap: 8px; }
  .card { border: 1px solid var(--line); padding: 10px 12px; }
  .card .value { font-size: 18px; }
}
`;
