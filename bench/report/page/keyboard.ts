import { freeCursor, giveCursorToKeyboard } from '#report/page/cursor-owner.js';
import type { ChartView } from '#report/page/chart-view.js';
import type { XRange } from '#report/page/time-range.js';

/** Rows that an arrow key with Shift goes on by. */
const largeStep = 10;

/** Lets the keyboard move along a chart and zoom it; what is at the cursor is announced. */
export function connectKeyboard(
  view: ChartView,
  range: XRange | undefined,
  announcer: Element,
): void {
  const { place, plot } = view;
  place.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = nextRow(event, plot);
    const zoom = range === undefined ? undefined : zoomOf(event.key, range);
    if (row === undefined && zoom === undefined) return;
    event.preventDefault();
    zoom?.();
    if (row !== undefined) {
      giveCursorToKeyboard();
      moveTo(plot, row);
    }
    announcer.textContent = view.describeCursor();
  });
  place.addEventListener('blur', () => {
    freeCursor();
    plot.setCursor({ left: -10, top: -10 });
  });
}

function nextRow({ key, shiftKey }: KeyboardEvent, plot: uPlot): number | undefined {
  const [from, to] = shownRows(plot);
  const step = shiftKey ? largeStep : 1;
  const row = plot.cursor.idx ?? undefined;
  switch (key) {
    case 'ArrowRight':
      return row === undefined ? from : Math.min(to, row + step);
    case 'ArrowLeft':
      return row === undefined ? to : Math.max(from, row - step);
    case 'Home':
      return from;
    case 'End':
      return to;
    default:
      return undefined;
  }
}

function zoomOf(key: string, range: XRange): (() => void) | undefined {
  if (key === '+' || key === '=') return range.zoomIn;
  if (key === '-') return range.zoomOut;
  return key === '0' ? range.showAll : undefined;
}

/** Numbers of the first and last row that are shown. */
function shownRows(plot: uPlot): [number, number] {
  const { min = -Infinity, max = Infinity } = plot.scales['x'] ?? {};
  const xs = [...plot.data[0]];
  return [xs.findIndex((x) => x >= min), xs.findLastIndex((x) => x <= max)];
}

function moveTo(plot: uPlot, row: number): void {
  const x = plot.data[0][row];
  if (x === undefined) return;
  plot.setCursor({ left: plot.valToPos(x, 'x'), top: plot.over.clientHeight / 2 }, true);
}
