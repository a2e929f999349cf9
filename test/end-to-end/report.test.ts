import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  createResultsFolder,
  endlessHold,
  quickRun,
  startBench,
  untilPhase,
} from './bench-process.js';
import {
  countPixels,
  findBarriers,
  keepScreenshot,
  missingForBrowser,
  openReport,
  startBrowser,
} from './browser.js';
import { isLeftOut, runProgram } from './program.js';

const results = createResultsFolder();
let browser: Browser | undefined;
after(async () => {
  await browser?.close();
  results.remove();
});

/** Opens a browser once for all tests; undefined if the test is left out. */
async function browserFor(t: TestContext): Promise<Browser | undefined> {
  if (isLeftOut(t, missingForBrowser())) return undefined;
  return (browser ??= await startBrowser());
}

const textOf = (page: Page, selector: string): Promise<string | null> =>
  page.locator(selector).first().textContent();

describe('report.html of a run of 10,000 connections', () => {
  it('draws its charts without a complaint, in light, dark and on a phone, for everybody', async (t) => {
    const opened = await browserFor(t);
    if (opened === undefined) return;
    const run = startBench(
      results.path,
      '--connections=10000',
      '--rate=5000',
      '--waves=2',
      '--baseline=600ms',
      '--hold=1s',
      '--rest=600ms',
      '--interval=200ms',
    );
    assert.equal((await run.program.exit).exitStatus, 0);
    assert.equal(run.summary().connections_opened, 20_000);
    const path = join(run.folder, 'report.html');
    const views = {
      light: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
      dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
      phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true },
    } as const;
    for (const [name, view] of Object.entries(views)) {
      const { page, complaints } = await openReport(opened, path, view);
      await keepScreenshot(page, `report-${name}`);
      const pixels = await countPixels(page);
      assert.deepEqual(
        Object.keys(pixels).filter((id) => id !== 'kernel'),
        ['memory', 'rate', 'cpu', 'floors', 'cost', 'latency'],
      );
      for (const [id, counts] of Object.entries(pixels)) {
        const most = Math.max(...Object.values(counts));
        assert.ok(most >= 100, `${name}: ${id} is drawn: ${JSON.stringify(counts)}`);
      }
      for (const [id, label] of [
        ['memory', 'open connections'],
        ['memory', 'malloc'],
        ['rate', 'asked'],
        ['rate', 'achieved'],
        ['cpu', 'target'],
        ['floors', 'JS heap'],
        ['latency', 'connect'],
      ] as const) {
        assert.ok((pixels[id]?.[label] ?? 0) >= 20, `${name}: ${label} is drawn in ${id}`);
      }
      assert.deepEqual(await findBarriers(page), [], name);
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.equal(overflow, 0, `${name}: nothing hangs over the side`);
      assert.deepEqual(complaints, [], name);
      await page.context().close();
    }
  });
});

describe('report.html', () => {
  it('answers to mouse, keyboard and buttons, and shows the same part in all charts over time', async (t) => {
    const opened = await browserFor(t);
    if (opened === undefined) return;
    const run = startBench(results.path, ...quickRun);
    assert.equal((await run.program.exit).exitStatus, 0);
    const path = join(run.folder, 'report.html');
    const { page, complaints } = await openReport(opened, path, {
      viewport: { width: 1000, height: 800 },
    });
    const readouts = ['memory', 'rate', 'cpu'].map((id) => `[data-chart="${id}"] .readout`);
    for (const readout of readouts) assert.equal(await textOf(page, readout), 'Highest:');

    await page.locator('[data-chart="memory"] .u-over').hover();
    for (const readout of readouts) {
      assert.match((await textOf(page, readout)) ?? '', / s \(\d\d:\d\d:\d\d UTC\) · /);
    }

    await page.locator('[data-chart="memory"] .plot').focus();
    await page.keyboard.press('End');
    assert.match((await textOf(page, readouts[0] ?? '')) ?? '', /· wave 2 rest · together /);
    assert.match(
      (await textOf(page, '#announcer')) ?? '',
      /wave 2 rest.*: binaries, files -?[\d.,]+ (B|KiB|MiB)/,
    );
    await page.keyboard.press('Home');
    assert.match((await textOf(page, readouts[0] ?? '')) ?? '', /baseline · together /);

    await page.keyboard.press('+');
    assert.equal(await page.locator('#time-range').inputValue(), 'part');
    await page.keyboard.press('0');
    assert.equal(await page.locator('#time-range').inputValue(), 'all');
    await page.locator('#time-range').selectOption('2');
    await page.locator('[data-chart="cpu"] .plot').focus();
    await page.keyboard.press('Home');
    assert.match((await textOf(page, readouts[2] ?? '')) ?? '', /· wave 2 /);
    // A browser tells so, at some time, where the chart under the mouse is scrolled away.
    await page.locator('[data-chart="memory"] .u-over').dispatchEvent('mouseleave');
    await page.locator('[data-chart="rate"] .u-over').dispatchEvent('mousemove');
    assert.match((await textOf(page, readouts[2] ?? '')) ?? '', /· wave 2 /);
    await page.locator('[data-chart="cpu"] .u-over').hover();
    assert.match((await textOf(page, readouts[2] ?? '')) ?? '', /· wave 2 /);
    await page.mouse.move(0, 0);
    for (const readout of readouts) assert.equal(await textOf(page, readout), 'Highest:');

    const stacks = page.locator('[data-chart="memory"] .legend button', { hasText: 'binaries' });
    const above = page.locator('[data-chart="memory"] .switch button');
    const tensOfMebibytes = /^\d{2,3}(\.\d+)? MiB$/;
    const ofBinaries = async (): Promise<string> =>
      (await stacks.locator('.value').textContent()) ?? '';
    assert.equal(await above.getAttribute('aria-pressed'), 'true');
    assert.doesNotMatch(await ofBinaries(), tensOfMebibytes);
    await above.click();
    assert.equal(await above.getAttribute('aria-pressed'), 'false');
    assert.match(await ofBinaries(), tensOfMebibytes);
    await stacks.click();
    assert.equal(await stacks.getAttribute('aria-pressed'), 'false');
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
    assert.equal((await countPixels(page))['memory']?.['binaries, files'], 0);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('opens with 20,000 samples, and prints', async (t) => {
    const opened = await browserFor(t);
    if (opened === undefined) return;
    const run = startBench(results.path, ...quickRun);
    assert.equal((await run.program.exit).exitStatus, 0);
    stretchSamples(join(run.folder, 'samples.csv'), 20_000);
    rmSync(join(run.folder, 'summary.json'));
    const end = await runProgram('report', run.folder);
    assert.equal(end.exitStatus, 0, end.stderr);
    const path = join(run.folder, 'report.html');
    const { page, complaints, openedInMs } = await openReport(opened, path, {
      viewport: { width: 1280, height: 900 },
    });
    // How long it takes depends on the machine, so it is told, not judged.
    const megabytes = readFileSync(path).length / 1e6;
    t.diagnostic(`${openedInMs.toFixed(0)} ms, ${megabytes.toFixed(2)} MB`);
    assert.match((await textOf(page, 'footer')) ?? '', /20,000 of\s+20,000/);
    const pixels = await countPixels(page);
    assert.ok((pixels['memory']?.['binaries, files'] ?? 0) >= 100);
    const paper = await page.pdf({ format: 'A4' });
    assert.equal(paper.subarray(0, 5).toString(), '%PDF-');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('is there after an interruption, and says so', async () => {
    const run = startBench(results.path, ...endlessHold);
    await untilPhase(run, 1, 'hold');
    const end = await run.program.stop();
    assert.equal(end.exitStatus, 1);
    const page = readFileSync(join(run.folder, 'report.html'), 'utf8');
    assert.match(page, /The run was not completed: Interrupted by SIGTERM in wave 1, hold\./);
  });

  it('can be drawn of what kill -9 has left', async () => {
    const run = startBench(results.path, ...endlessHold);
    await untilPhase(run, 1, 'hold');
    run.program.child.kill('SIGKILL');
    await run.program.exit;
    assert.equal(existsSync(join(run.folder, 'summary.json')), false);
    const end = await runProgram('report', run.folder);
    assert.equal(end.exitStatus, 0, end.stderr);
    assert.equal(end.stderr, `Report: ${join(run.folder, 'report.html')}\n`);
    const page = readFileSync(join(run.folder, 'report.html'), 'utf8');
    assert.match(page, /There is no summary of this run/);
  });

  it('does not change how a run ends where it can’t be written', async () => {
    const run = startBench(results.path, ...endlessHold);
    await untilPhase(run, 1, 'hold');
    mkdirSync(join(run.folder, 'report.html'));
    const end = await run.program.stop();
    assert.equal(end.exitStatus, 1);
    assert.match(
      end.stderr,
      /^tidemark: the run has no report\.html: Cannot write .*report\.html: EISDIR/m,
    );
    assert.match(
      end.stderr,
      /\ntidemark: Interrupted by SIGTERM in wave 1, hold; \d+ samples are kept in [^\n]+\n$/,
    );
    assert.equal(run.summary().outcome, 'interrupted');
  });
});

/** Repeats the rows of a samples.csv, each a tenth of a second after the one before, until there are so many. */
function stretchSamples(path: string, samples: number): void {
  const [header = '', ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const stretched = Array.from({ length: samples }, (_, index) => {
    // The phases last as much longer as there are more rows.
    const row = rows[Math.floor((index * rows.length) / samples)] ?? '';
    const [timestamp = '', , ...cells] = row.split(',');
    return [timestamp, (index / 10).toFixed(1), ...cells].join(',');
  });
  writeFileSync(path, `${[header, ...stretched].join('\n')}\n`);
}
