import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleResults, exampleRun } from './example-results.fixture.js';
import { growthExponent, writeMarkdown } from './markdown.js';

const circumstances = {
  command: 'npm run benchmark -- --full',
  machine: '2 cores',
  versions: 'Node v20',
  minutes: 20,
  runs: 3,
};

describe('growthExponent()', () => {
  it('is 1 for what grows in proportion, and less for what grows more slowly', () => {
    const runs = [exampleRun(1000), exampleRun(10_000), exampleRun(1_000_000)];
    assert.equal(
      growthExponent(runs, (run) => run.connections),
      1,
    );
    const root = growthExponent(runs, (run) => Math.sqrt(run.connections)) ?? NaN;
    assert.ok(Math.abs(root - 0.5) < 1e-9);
    assert.equal(
      growthExponent(runs, () => 5),
      0,
    );
  });

  it('is unknown without runs, or where nothing was measured', () => {
    assert.equal(
      growthExponent([], () => 1),
      undefined,
    );
    assert.equal(
      growthExponent([exampleRun(1), exampleRun(10)], () => 0),
      undefined,
    );
  });
});

describe('writeMarkdown()', () => {
  const lines = writeMarkdown(exampleResults, circumstances).split('\n');

  it('says where and how it was measured', () => {
    assert.match(
      lines[0] ?? '',
      /`npm run benchmark -- --full` in 20 minutes on 2 cores; Node v20\. Medians of 3 runs\./,
    );
  });

  it('has rows of as many cells as their head', () => {
    let cells = 0;
    for (const [index, line] of lines.entries()) {
      if (!line.startsWith('|')) continue;
      const count = line.replaceAll('\\|', '').split('|').length;
      if (!(lines[index - 1] ?? '').startsWith('|')) cells = count;
      assert.equal(count, cells, line);
    }
  });

  it('says why a peer was skipped', () => {
    assert.ok(lines.some((line) => line.includes('skipped: glibc \\| is too old')));
  });

  it('says how memory grows', () => {
    assert.ok(
      lines.some((line) =>
        /^\| memory used in all \| 11\.4 MiB \| 114 MiB \| 11\.2 GiB \| n\^1\.00 \|$/.test(line),
      ),
    );
  });

  it('leaves the growth out of the short form', () => {
    const short = writeMarkdown({ ...exampleResults, growth: [] }, circumstances);
    assert.doesNotMatch(short, /grows as/);
  });
});
