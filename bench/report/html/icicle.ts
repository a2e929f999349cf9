import { hierarchy, type HierarchyRectangularNode, partition } from 'd3-hierarchy';
import { owners } from '../../results/owners.js';
import { formatValue } from '../embedded/format-value.js';
import type { ConnectionNode } from '../../results/connection-tree.js';
import { type Html, html } from './html.js';

/** Height of a level, in CSS pixels, and of the line between two. */
const levelPixels = 30;
const gapPixels = 2;

/** Parts narrower than this, in percent of the whole width, are left out, and their names before. */
const narrowestPart = 0.25;
const narrowestName = 2.5;

/** Trees that are drawn to one scale, and what they show. */
interface Icicle {
  readonly title: string;
  readonly root: ConnectionNode;
}

/**
 * Draws trees as icicles, one below the other, to the same scale: what contains other parts is above them, and as wide as these
 * together. Without script; each part tells its name and bytes to who points at it, and tables beside it have all figures.
 */
export function writeIcicles(icicles: readonly Icicle[]): Html {
  const laidOut = icicles.map(({ title, root }) => {
    const tree = hierarchy(root, ({ children }) => children)
      .sum(({ bytes }) => bytes)
      .sort((one, other) => (other.value ?? 0) - (one.value ?? 0));
    return { title, tree, bytes: tree.value ?? 0 };
  });
  const most = Math.max(...laidOut.map(({ bytes }) => bytes));
  return html`${laidOut.map(({ title, tree, bytes }) => {
    const caption = html`<figcaption><h3>${title}</h3></figcaption>`;
    if ((100 * bytes) / most < narrowestPart) {
      return html`<figure class="icicle">
        ${caption}
        <p class="note">${formatValue(bytes, 'bytes')}: too little to draw beside it.</p>
      </figure>`;
    }
    const levels = tree.height + 1;
    const nodes = partition<ConnectionNode>()
      .size([(100 * bytes) / most, levels])(tree)
      .descendants();
    return html`<figure class="icicle">
      ${caption}
      <svg
        role="img"
        aria-label="${title}: ${formatValue(bytes, 'bytes')}, ${nameLargest(nodes)}"
        width="100%"
        height="${levels * levelPixels}"
      >
        ${nodes.filter(({ x0, x1 }) => x1 - x0 >= narrowestPart).map(writePart)}
      </svg>
    </figure>`;
  })}`;
}

function writePart(node: HierarchyRectangularNode<ConnectionNode>): Html {
  const { x0, x1, depth, data, value = 0 } = node;
  const text = `${data.name} · ${formatValue(value, 'bytes')}`;
  const tone = data.owner === undefined ? 'whole' : owners[data.owner].tone;
  return html`<svg
    x="${round(x0)}%"
    y="${depth * levelPixels}"
    width="${round(x1 - x0)}%"
    height="${levelPixels - gapPixels}"
    class="${tone}"
  >
    <title>${text}</title>
    <rect width="100%" height="100%" />
    ${x1 - x0 < narrowestName ? undefined : html`<text x="6" y="19">${text}</text>`}
  </svg>`;
}

/** For those who can't see it: the largest part that has no parts. */
function nameLargest(nodes: readonly HierarchyRectangularNode<ConnectionNode>[]): string {
  const [largest] = nodes
    .filter(({ children }) => children === undefined)
    .toSorted((one, other) => (other.value ?? 0) - (one.value ?? 0));
  if (largest === undefined) return '';
  return `most of it ${largest.data.name} with ${formatValue(largest.value ?? 0, 'bytes')}`;
}

function round(percent: number): number {
  return Number(percent.toFixed(3));
}
