import type { ConnectionCost } from '../facts/run-facts.js';
import type { Chart } from './chart.js';

/** Makes the chart of what a connection costs: the samples of the first ramp and hold, and the line through them. */
export function makeCostChart(cost: ConnectionCost | undefined): Chart | undefined {
  if (cost === undefined) return undefined;
  const points = cost.points.toSorted((one, other) => one.x - other.x);
  const [first, last] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 0];
  const lineAt = (x: number): number => Math.round(cost.interceptBytes + cost.slope * x);
  return {
    definition: {
      id: 'cost',
      kind: 'connections',
      title: 'Memory on open connections',
      description:
        'Private memory in the samples of the first ramp and hold, by the connections open at that moment. The slope of the line is the cost of a connection.',
      table: 'cost',
      x: 'connections',
      leftUnit: 'bytes',
      heightPixels: 240,
      series: [
        {
          column: 'private_bytes',
          label: 'samples',
          unit: 'bytes',
          form: 'points',
          tone: 'blue',
          axis: 'left',
        },
        {
          column: 'line',
          label: 'line (Theil–Sen)',
          unit: 'bytes',
          form: 'line',
          tone: 'vermillion',
          dash: [7, 3],
          axis: 'left',
        },
      ],
    },
    columns: {
      connections: points.map(({ x }) => x),
      private_bytes: points.map(({ y }) => y),
      // Nothing between the ends, so that a line of many points is no longer than one of two.
      line: points.map(({ x }) => (x === first || x === last ? lineAt(x) : undefined)),
    },
  };
}
