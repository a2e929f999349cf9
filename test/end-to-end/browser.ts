/** Opens pages in headless Chromium, and looks at what it has drawn. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const chromiumPath = '/usr/bin/chromium';

/** Where the screenshots stay: TIDEMARK_SCREENSHOTS, or the folder screenshots beside this file. */
export const screenshotFolder =
  process.env['TIDEMARK_SCREENSHOTS'] ?? fileURLToPath(new URL('screenshots', import.meta.url));

/** Says why no page can be opened; undefined if one can. */
export function missingForBrowser(): string | undefined {
  return existsSync(chromiumPath) ? undefined : `Chromium is missing: no ${chromiumPath}`;
}

/** Starts Chromium, which needs a user of its own or no sandbox; it is closed by the caller. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A report that is open. */
export interface OpenReport {
  readonly page: Page;
  /** What the page has complained of so far, and every address outside of the file that it asked for. */
  readonly complaints: readonly string[];
  /** From the start of the navigation until all charts were drawn. */
  readonly openedInMs: number;
}

/** Opens a report from disk and waits until its charts are drawn. */
export async function openReport(
  browser: Browser,
  path: string,
  options: BrowserContextOptions,
): Promise<OpenReport> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => {
    complaints.push(String(error));
  });
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
  });
  const startedMs = performance.now();
  await page.goto(pathToFileURL(path).href);
  // Two frames later what was drawn is on the screen.
  await page.waitForFunction('document.documentElement.dataset.drawn !== undefined');
  await page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
  );
  return { page, complaints, openedInMs: performance.now() - startedMs };
}

/** Keeps a screenshot of the whole page. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshotFolder, { recursive: true });
  await page.screenshot({ path: join(screenshotFolder, `${name}.png`), fullPage: true });
}

/** How many pixels of each series' colour a chart has, by the labels of the series. */
export type PixelCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Counts the pixels of each series' colour in the canvas of each chart, by the chart's name. */
export function countPixels(page: Page): Promise<PixelCounts> {
  return page.evaluate(`(() => {
    const report = JSON.parse(document.querySelector('#report-document').textContent);
    const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const colourOf = (tone) => {
      const style = getComputedStyle(document.documentElement);
      probe.fillStyle = style.getPropertyValue('--tone-' + tone).trim();
      probe.fillRect(0, 0, 1, 1);
      return [...probe.getImageData(0, 0, 1, 1).data];
    };
    const countIn = ({ data }, [red, green, blue]) => {
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const distance = Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue);
        if (data[at + 3] > 200 && distance < 12) count++;
      }
      return count;
    };
    return Object.fromEntries(report.charts.map(({ id, series }) => {
      const canvas = document.querySelector('[data-chart="' + id + '"] canvas');
      const image = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return [id, Object.fromEntries(series.map(({ label, tone }) => [label, countIn(image, colourOf(tone))]))];
    }));
  })()`);
}

/** What axe-core finds that hinders people seriously, one line each. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Evaluated, not added as an element, which the page's own policy would refuse.
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8'));
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => id + ': ' + help + ': ' + nodes.map(({ html }) => html).join(' ')))`);
}
