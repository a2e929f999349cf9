import type { SeriesDefinition, Texture, Tone } from '#report/embedded/report-document.js';

/** Side of a texture's tile in CSS pixels. */
const tilePixels = 8;

/** Tiles by tone and texture, made once for each colour scheme. */
const patterns = new Map<string, CanvasPattern | string>();

/** Forgets what was made for another colour scheme. */
export function forgetLooks(): void {
  patterns.clear();
}

/** Returns a colour of the style sheet, as the present colour scheme has it. */
export function colourOf(name: 'ground' | 'ink' | 'soft' | 'shade' | 'grid' | 'mark'): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Returns the colour of a tone, as the present colour scheme has it. */
export function toneOf(tone: Tone): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--tone-${tone}`).trim();
}

/** Returns what an area or bar is filled with: its colour with its texture. */
export function fillOf({ tone, texture = 'plain' }: SeriesDefinition): CanvasPattern | string {
  const key = `${tone} ${texture} ${devicePixelRatio}`;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  const tile = drawTile(tone, texture);
  const made = tile.getContext('2d')?.createPattern(tile, 'repeat') ?? toneOf(tone);
  patterns.set(key, made);
  return made;
}

/** Gives the swatch of a legend the look of its series. */
export function paintSwatch(swatch: HTMLElement, series: SeriesDefinition): void {
  const isLine = series.form === 'line' || series.form === 'steps';
  const picture = isLine
    ? drawLine(series)
    : drawTile(series.tone, series.form === 'points' ? 'plain' : (series.texture ?? 'plain'));
  swatch.style.backgroundImage = `url(${picture.toDataURL()})`;
  const { width, height } = picture;
  swatch.style.backgroundSize = `${width / devicePixelRatio}px ${height / devicePixelRatio}px`;
  if (series.form === 'points') swatch.style.cssText += ';width:9px;height:9px;border-radius:50%';
}

function drawLine({ tone, dash = [] }: SeriesDefinition): HTMLCanvasElement {
  const [canvas, context] = createCanvas(22, 13);
  if (context === null) return canvas;
  context.strokeStyle = toneOf(tone);
  context.lineWidth = 2.5;
  context.setLineDash([...dash]);
  context.moveTo(0, 6.5);
  context.lineTo(22, 6.5);
  context.stroke();
  return canvas;
}

function drawTile(tone: Tone, texture: Texture): HTMLCanvasElement {
  const [canvas, context] = createCanvas(tilePixels, tilePixels);
  if (context === null) return canvas;
  context.fillStyle = toneOf(tone);
  context.fillRect(0, 0, tilePixels, tilePixels);
  // Dark lines can be seen on all tones, in both colour schemes.
  context.strokeStyle = 'rgb(0 0 0 / 0.24)';
  context.lineWidth = 1.2;
  for (const [x0, y0, x1, y1] of textureLines[texture]) {
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
  }
  context.stroke();
  return canvas;
}

/** Lines within a tile, from x and y to x and y; they go on in the next tile. */
const textureLines: Readonly<
  Record<Texture, readonly (readonly [number, number, number, number])[]>
> = {
  plain: [],
  rising: [
    [-1, 1, 1, -1],
    [-1, 9, 9, -1],
    [7, 9, 9, 7],
  ],
  falling: [
    [-1, 7, 1, 9],
    [-1, -1, 9, 9],
    [7, -1, 9, 1],
  ],
  level: [[0, 4, 8, 4]],
  upright: [[4, 0, 4, 8]],
  dots: [[3, 4, 4.6, 4]],
  grid: [
    [0, 4, 8, 4],
    [4, 0, 4, 8],
  ],
};

function createCanvas(
  width: number,
  height: number,
): [HTMLCanvasElement, CanvasRenderingContext2D | null] {
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  const context = canvas.getContext('2d');
  context?.scale(canvas.width / width, canvas.height / height);
  return [canvas, context];
}
