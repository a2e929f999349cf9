import type { PhaseSpan } from '#report/embedded/report-document.js';

/** What part of their x axis charts show, together. */
export interface XRange {
  readonly zoomIn: () => void;
  readonly zoomOut: () => void;
  readonly showAll: () => void;
  readonly show: (from: number, to: number) => void;
  /** Told whenever another part is shown; `isAll`: it is the whole. */
  onChange: (isAll: boolean) => void;
}

/** Lets charts with the same x axis show the same part of it, whichever of them is zoomed. */
export function shareRange(plots: readonly uPlot[]): XRange {
  const xs = plots[0]?.data[0] ?? [];
  const whole = { min: xs[0] ?? 0, max: xs[xs.length - 1] ?? 1 };
  let isSettling = false;
  const setAll = (min: number, max: number): void => {
    if (!(max > min)) return;
    isSettling = true;
    for (const plot of plots) plot.setScale('x', { min, max });
    isSettling = false;
    range.onChange(min <= whole.min && max >= whole.max);
  };
  /** Positions are used, so that a logarithmic axis is zoomed as it looks. */
  const zoom = (from: number, to: number): void => {
    const [plot] = plots;
    if (plot === undefined) return;
    const width = plot.over.clientWidth;
    setAll(
      Math.max(whole.min, plot.posToVal(width * from, 'x')),
      Math.min(whole.max, plot.posToVal(width * to, 'x')),
    );
  };
  const range: XRange = {
    zoomIn: () => {
      const [plot] = plots;
      const left = plot?.cursor.left ?? -1;
      const middle = plot !== undefined && left >= 0 ? left / plot.over.clientWidth : 0.5;
      zoom(middle / 2, middle / 2 + 0.5);
    },
    zoomOut: () => {
      zoom(-0.5, 1.5);
    },
    showAll: () => {
      setAll(whole.min, whole.max);
    },
    show: setAll,
    onChange: () => undefined,
  };
  for (const plot of plots) {
    (plot.hooks.setScale ??= []).push((changed, key) => {
      const { min, max } = changed.scales['x'] ?? {};
      if (key !== 'x' || isSettling || min === undefined || max === undefined) return;
      setAll(min, max);
    });
  }
  return range;
}

/** Connects the buttons and the choice of a wave above the charts over time. */
export function connectToolbar(range: XRange, spans: readonly PhaseSpan[]): void {
  const choice = document.querySelector<HTMLSelectElement>('#time-range');
  choice?.addEventListener('change', () => {
    const wave = Number(choice.value);
    const chosen = spans.filter((span) => span.wave === wave);
    if (choice.value === 'all') range.showAll();
    else range.show(chosen[0]?.fromSeconds ?? 0, chosen.at(-1)?.toSeconds ?? 0);
    if (choice.value !== 'all') choice.value = String(wave);
  });
  range.onChange = (isAll) => {
    if (choice !== null) choice.value = isAll ? 'all' : 'part';
  };
  const actions = { in: range.zoomIn, out: range.zoomOut, all: range.showAll };
  for (const [name, action] of Object.entries(actions)) {
    document.querySelector(`[data-zoom="${name}"]`)?.addEventListener('click', action);
  }
}
