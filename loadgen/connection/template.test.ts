import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { namesFile, Template } from './template.js';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-template-'));
after(() => {
  rmSync(folder, { recursive: true });
});

function fileOf(text: string): string {
  const path = join(folder, 'tokens.txt');
  writeFileSync(path, text);
  return path;
}

describe('Template', () => {
  it('leaves a text without placeholders as it is, other braces included', () => {
    const template = new Template('{"type":"{kind}"}');
    assert.equal(template.isFixed, true);
    assert.equal(template.render(3), '{"type":"{kind}"}');
  });

  it('puts the number of the connection in, encoded where it has to be', () => {
    assert.equal(new Template('a{index}b{index}').render(12), 'a12b12');
    assert.equal(
      new Template('{index}').render(12, (value) => `<${value}>`),
      '<12>',
    );
  });

  it('makes a UUID of version 4 for each, and tells the time', () => {
    const template = new Template('{uuid}');
    assert.match(
      template.render(0),
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    assert.notEqual(template.render(0), template.render(0));
    assert.ok(Number(new Template('{time}').render(0)) >= Date.UTC(2026, 0));
  });

  it('gives each connection its line, and begins again after the last', () => {
    const template = new Template(`Bearer {line:${fileOf('one\r\ntwo\nthree\n')}}`);
    assert.equal(template.distinctLines, 3);
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => template.render(index)),
      ['Bearer one', 'Bearer two', 'Bearer three', 'Bearer one'],
    );
  });

  it('refuses a file that is missing, empty, or could break out of a header', () => {
    assert.throws(() => new Template('{line:/nonexistent/x}'), RangeError);
    assert.throws(() => new Template(`{line:${fileOf('\n')}}`), /has no lines/);
    assert.throws(() => new Template(`{line:${fileOf('a\nb\u0000')}}`), /line 2 of .* control/);
  });
});

describe('namesFile()', () => {
  it('tells a file from the other placeholders', () => {
    assert.equal(namesFile('ws://h/?t={line:/etc/passwd}'), true);
    assert.equal(namesFile('{index} {uuid} {"line":1}'), false);
  });
});
