import type { ReportDocument } from '#report/embedded/report-document.js';
import { type ChartView, createChartView, find } from '#report/page/chart-view.js';
import { connectKeyboard } from '#report/page/keyboard.js';
import { forgetLooks } from '#report/page/looks.js';
import { connectToolbar, shareRange } from '#report/page/time-range.js';

/** Width of the charts on paper, in CSS pixels: A4 and Letter less their margins. */
const paperPixels = 680;

const report = JSON.parse(find(document, '#report-document').textContent) as ReportDocument;
const views = report.charts.map((definition) =>
  createChartView(find(document, `[data-chart="${definition.id}"]`), definition, report),
);

connectRanges();
followWidth();
followColours();
document.documentElement.dataset['drawn'] = String(views.length);

function connectRanges(): void {
  const overTime = views.filter(({ definition }) => definition.kind === 'time');
  const time = shareRange(overTime.map(({ plot }) => plot));
  connectToolbar(time, report.spans);
  const announcer = find(document, '#announcer');
  for (const view of views) connectKeyboard(view, rangeOf(view, time), announcer);
}

function rangeOf({ definition, plot }: ChartView, time: ReturnType<typeof shareRange>) {
  if (definition.kind === 'time') return time;
  return definition.kind === 'wave' ? undefined : shareRange([plot]);
}

function followWidth(): void {
  const observer = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const view = views.find(({ place }) => place === target);
      if (contentRect.width > 0) view?.resize(Math.floor(contentRect.width));
    }
  });
  for (const { place } of views) observer.observe(place);
}

function followColours(): void {
  const repaint = (): void => {
    forgetLooks();
    for (const view of views) view.repaint();
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  addEventListener('beforeprint', () => {
    document.documentElement.classList.add('printing');
    repaint();
    for (const view of views) view.resize(paperPixels);
  });
  addEventListener('afterprint', () => {
    document.documentElement.classList.remove('printing');
    repaint();
    for (const view of views) view.resize(view.place.clientWidth);
  });
}
