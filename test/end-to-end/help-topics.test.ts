/** `tidemark help`: the pages of the manual, as people read them in a pipe and in a terminal. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { renderPage } from '../../program/help/render-page.js';
import { packageFolder } from '../../program/package.js';
import { assertOneLine, isMissing, programPath, runProgram } from './program.js';

const folder = join(packageFolder, 'docs');
const pages = readdirSync(folder)
  .filter((name) => name.endsWith('.md') && name !== 'README.md')
  .map((name) => name.replace(/\.md$/, ''));
const commands = ['server', 'loadgen', 'merge', 'bench', 'diagnose', 'compare', 'report', 'doctor'];

async function help(...words: readonly string[]): Promise<string> {
  const { exitStatus, lines, stderr } = await runProgram('help', ...words);
  assert.equal(exitStatus, 0, stderr);
  return `${lines.join('\n')}\n`;
}

/** What a program writes to a terminal of 90 columns; `script` gives it one. */
function inTerminal(environment: NodeJS.ProcessEnv, ...words: readonly string[]): string {
  const command = [process.execPath, programPath, ...words].map((word) => `'${word}'`).join(' ');
  const { status, stdout } = spawnSync(
    'script',
    ['--quiet', '--return', '--command', `stty cols 90; ${command}`, '/dev/null'],
    {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '', ...environment },
    },
  );
  assert.equal(status, 0, stdout);
  return stdout.replaceAll('\r\n', '\n');
}

describe('tidemark help', () => {
  it('lists all commands and pages, each with what it is about, within 80 columns', async () => {
    const text = await help();
    assert.deepEqual(
      text.split('\n').filter((line) => line.length > 80),
      [],
    );
    const [listed = '', topics = ''] = text.split('\nTopics:\n');
    for (const name of commands) assert.match(listed, new RegExp(`^  ${name} +[A-Z]`, 'm'));
    for (const page of pages) {
      const name = commands.includes(page) ? `${page}.md` : page;
      assert.match(topics, new RegExp(`^  ${name} +\\w.{20,}$`, 'm'));
    }
    assert.doesNotMatch(topics, /This page|Here you learn|`|\]\(/);
  });

  for (const page of pages) {
    it(`shows the page ${page}, without links or codes of a terminal`, async () => {
      const text = await help(`${page}.md`);
      const title = readFileSync(join(folder, `${page}.md`), 'utf8').split('\n')[0] ?? '';
      assert.equal(text.split('\n')[0], title.replaceAll('`', ''));
      const prose = text.split('\n').filter((line) => !/^ {4}|^\s*\|/.test(line));
      assert.deepEqual(
        prose.filter((line) => /\]\([\w.#/-]+\)|<!--/.test(line) || line.includes('\u001b')),
        [],
      );
      // A line is longer only where a single word is, or code that has no blank.
      assert.deepEqual(
        prose.filter((line) => line.length > 80 && line.trim().split(' ').length > 2),
        [],
      );
    });
  }

  it('shows the help of a command, and which page is about it', async () => {
    const { lines } = await runProgram('doctor', '--help');
    const text = await help('doctor');
    assert.equal(text, `${lines.join('\n')}\n\nThe page about it: tidemark help doctor.md\n`);
    assert.match(await help('doctor.md'), /^# What a machine can hold/);
  });

  it('says in one line which topic may have been meant', async () => {
    for (const [topic, line] of [
      ['verdickt', /no help on "verdickt", did you mean verdict\?$/m],
      ['leak', /no help on "leak", did you mean is-it-a-leak\?$/m],
      ['repor', /no help on "repor", did you mean report or report\.md\?$/m],
      ['quantum', /no help on "quantum": tidemark help lists all topics$/m],
      ['../package', /no help on/],
    ] as const) {
      const { exitStatus, lines, stderr } = await runProgram('help', topic);
      assert.equal(exitStatus, 2);
      assert.deepEqual(lines, []);
      assertOneLine(stderr, line);
    }
  });
});

describe('tidemark help in a terminal', () => {
  const page = readFileSync(join(folder, 'verdict.md'), 'utf8');
  const shown = renderPage(page, { isStyled: true, columns: 90 });

  it('shows a page through PAGER, with styles', (t) => {
    if (isMissing(t, 'script', 'script', '--version')) return;
    const marked = inTerminal({ PAGER: "sed 's/^/> /'" }, 'help', 'verdict');
    assert.equal(marked, shown.replaceAll(/^(?!$(?![^]))/gm, '> '));
  });

  it('shows it as it is where PAGER is empty, or names what is not there', (t) => {
    if (isMissing(t, 'script', 'script', '--version')) return;
    assert.equal(inTerminal({ PAGER: '' }, 'help', 'verdict'), shown);
    assert.ok(inTerminal({ PAGER: 'no-such-pager' }, 'help', 'verdict').endsWith(shown));
  });

  it('has no styles with NO_COLOR', (t) => {
    if (isMissing(t, 'script', 'script', '--version')) return;
    const plain = inTerminal({ PAGER: '', NO_COLOR: '1' }, 'help', 'verdict');
    assert.equal(plain, stripVTControlCharacters(plain));
  });
});
