import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { messageOf, RunError } from '../../program/failure.js';
import type { PageAssets } from './html/page.js';

/**
 * The modules that run in the browser, by the names under which they import each other (`imports` of package.json), and
 * where they are, seen from this file. An import map in the page gives them the same names: no bundler is needed.
 */
const pageModules = {
  '#program/quantities.js': '../../program/quantities.js',
  '#report/embedded/encoded-column.js': './embedded/encoded-column.js',
  '#report/embedded/format-value.js': './embedded/format-value.js',
  '#report/embedded/stack-columns.js': './embedded/stack-columns.js',
  '#report/page/axes.js': './page/axes.js',
  '#report/page/chart-options.js': './page/chart-options.js',
  '#report/page/chart-view.js': './page/chart-view.js',
  '#report/page/cursor-owner.js': './page/cursor-owner.js',
  '#report/page/keyboard.js': './page/keyboard.js',
  '#report/page/looks.js': './page/looks.js',
  '#report/page/main.js': './page/main.js',
  '#report/page/time-range.js': './page/time-range.js',
} as const;

/**
 * Reads the scripts and style sheets that a report carries in itself.
 * @throws {RunError} if one of them is not installed.
 */
export function readPageAssets(): PageAssets {
  try {
    const charts = dirname(createRequire(import.meta.url).resolve('uplot'));
    return {
      chartScript: readFileSync(join(charts, 'uPlot.iife.min.js'), 'utf8'),
      chartStyle: readFileSync(join(charts, 'uPlot.min.css'), 'utf8'),
      modules: Object.fromEntries(
        Object.entries(pageModules).map(([name, path]) => [name, readModule(path)]),
      ),
      mainModule: '#report/page/main.js' satisfies keyof typeof pageModules,
    };
  } catch (error) {
    throw new RunError(`Cannot read what a report is made of: ${messageOf(error)}; run npm ci`, {
      cause: error,
    });
  }
}

/** The comment that leads to the source map would lead nowhere. */
function readModule(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8').replace(
    /\n\/\/# sourceMappingURL=.*\s*$/,
    '\n',
  );
}
