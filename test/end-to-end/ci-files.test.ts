/** What a run leaves for CI servers, and for comments on pull requests. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createResultsFolder, quickRun, startBench } from './bench-process.js';
import { assertOneLine, runProgram } from './program.js';

const results = createResultsFolder();
after(results.remove);

describe('tidemark bench for CI', () => {
  it('writes what came of its assertions as JUnit, and adds a summary in Markdown', async () => {
    const [junit, markdown] = [join(results.path, 'junit.xml'), join(results.path, 'summary.md')];
    writeFileSync(markdown, 'before\n');
    const run = startBench(
      results.path,
      ...quickRun,
      `--junit=${junit}`,
      `--summary-md=${markdown}`,
      '--assert=connect_errors==0',
      '--assert=bytes_per_connection<1B',
    );
    assert.equal((await run.program.exit).exitStatus, 3);
    const xml = readFileSync(junit, 'utf8');
    assert.match(xml, /<testsuite name="tidemark bench" tests="3" failures="1" errors="0"/);
    assert.match(xml, /name="connect_errors == 0" time="0"\/>/);
    assert.match(xml, /name="bytes_per_connection &lt; 1B" time="0"><failure message="fails/);
    const text = readFileSync(markdown, 'utf8');
    const { verdict, verdict_reason: reason, connections_opened: opened } = run.summary();
    assert.ok(
      text.startsWith(`before\n### Tidemark: ${verdict}\n\n\`\`\`text\n${reason}\n\`\`\``),
      text,
    );
    assert.match(
      text,
      new RegExp(`\\| connections \\| ${opened} opened in 2 waves, 0 failed, 0 lost \\|`),
    );
    assert.match(text, /\| private memory per open connection \| [\d.]+ (B|KiB) \(/);
    // The hold may be over before all was counted.
    const [site] = run.summary().connection_sites ?? [];
    if (site !== undefined) assert.match(text, /An open connection holds:\n\n- `[\d.]+ (B|KiB): /);
    assert.match(
      text,
      /\| ✅ \| `connect_errors == 0: 0` \|\n\| ❌ \| `bytes_per_connection < 1B: /,
    );

    const compared = await runProgram('compare', '--markdown', run.folder, run.folder);
    assert.equal(compared.exitStatus, 0, compared.stderr);
    assert.match(compared.lines.join('\n'), /^\| {2}\| `.*` \| `difference`/m);
    assert.match(compared.lines.join('\n'), /\| connections \| `200` \| `200` \| `=` \| {2}\|/);
  });

  it('adds a column with the differences from an earlier run', async () => {
    const earlier = startBench(results.path, ...quickRun);
    assert.equal((await earlier.program.exit).exitStatus, 0);
    const markdown = join(results.path, 'against.md');
    const run = startBench(
      results.path,
      ...quickRun,
      '--connections=100',
      `--summary-md=${markdown}`,
      `--against=${earlier.folder}`,
    );
    assert.equal((await run.program.exit).exitStatus, 0);
    const text = readFileSync(markdown, 'utf8');
    assert.match(text, /\| {2}\| this run \| difference from `results` \|/);
    const [verdict, before] = [run.summary().verdict, earlier.summary().verdict];
    const difference = verdict === before ? '=' : `was ${before}`;
    assert.ok(text.includes(`| verdict | ${verdict} | ${difference} |`), text);
    assert.match(text, /\| connect, median and 99th percentile \| .* ms \| (=|[+-].* ms .*) \|/);
    assert.match(text, /- `The runs differ in how they were made \(connections\)/);
  });

  it('refuses to be compared with a folder that is no run, before anything starts', async () => {
    const out = join(results.path, 'never-either');
    const words = ['bench', `--out=${out}`, `--against=${results.path}`];
    const markdown = join(results.path, 'unwritten.md');
    const end = await runProgram(...words, `--summary-md=${markdown}`);
    assert.equal(end.exitStatus, 2);
    assertOneLine(end.stderr, /--against: .* has no summary.json: give the folder of a run/);
    const alone = await runProgram(...words);
    assert.equal(alone.exitStatus, 2);
    assertOneLine(alone.stderr, /--against is for --summary-md/);
    assert.deepEqual([existsSync(out), existsSync(markdown)], [false, false]);
  });

  it('says in both that the run failed', async () => {
    const [junit, markdown] = [join(results.path, 'failed.xml'), join(results.path, 'failed.md')];
    const end = await runProgram(
      'bench',
      '--quiet',
      `--out=${join(results.path, 'failed')}`,
      '--exec=exit 7',
      '--url=ws://127.0.0.1:1',
      `--junit=${junit}`,
      `--summary-md=${markdown}`,
    );
    assert.equal(end.exitStatus, 1);
    assert.match(
      readFileSync(junit, 'utf8'),
      /errors="1".*<error message="&quot;exit 7&quot; in .* ended with status 7/s,
    );
    assert.match(
      readFileSync(markdown, 'utf8'),
      /^### Tidemark: the run failed\n\n```text\n"exit 7" in /,
    );
  });

  it('refuses a file in a folder that is not there, before anything starts', async () => {
    const out = join(results.path, 'never');
    const end = await runProgram('bench', `--out=${out}`, '--junit=/nowhere/junit.xml');
    assert.equal(end.exitStatus, 2);
    assertOneLine(end.stderr, /--junit: cannot write \/nowhere\/junit.xml: ENOENT/);
    assert.equal(existsSync(out), false);
  });
});
