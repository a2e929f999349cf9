import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  clientArguments,
  clientOptions,
  type ClientOptions,
  findTemplateProblems,
  headersOf,
  nameFiles,
} from './client-options.js';

const none: ClientOptions = {
  header: [],
  cookie: undefined,
  origin: undefined,
  userAgent: undefined,
  subprotocol: [],
  send: [],
};
const all: ClientOptions = {
  header: ['X-One: 1', 'X-Two:2 : 3'],
  cookie: 'a=b',
  origin: 'https://app.example',
  userAgent: 'tide/1',
  subprotocol: ['chat', 'mqtt'],
  send: ['{"login":1}', 'second'],
};

describe('clientArguments()', () => {
  it('is empty without options', () => {
    assert.deepEqual(clientArguments(none), []);
  });

  it('gives another generator exactly what was given', () => {
    const args = clientArguments(all);
    assert.deepEqual(args, [
      '--header=X-One: 1',
      '--header=X-Two:2 : 3',
      '--cookie=a=b',
      '--origin=https://app.example',
      '--user-agent=tide/1',
      '--subprotocol=chat,mqtt',
      '--send={"login":1}',
      '--send=second',
    ]);
    const [, ...parsed] = /^--subprotocol=(.*)$/.exec(args[5] ?? '') ?? [];
    assert.deepEqual(clientOptions.subprotocol.parse(parsed[0] ?? ''), all.subprotocol);
  });
});

describe('headersOf()', () => {
  it('splits each header at its first colon', () => {
    assert.deepEqual(headersOf(all), [
      ['X-One', '1'],
      ['X-Two', '2 : 3'],
      ['Cookie', 'a=b'],
      ['Origin', 'https://app.example'],
      ['User-Agent', 'tide/1'],
    ]);
  });
});

describe('nameFiles()', () => {
  it('finds files in address, headers and messages', () => {
    assert.equal(nameFiles('ws://h/{index}', all), false);
    assert.equal(nameFiles('ws://h/?t={line:a}', none), true);
    assert.equal(nameFiles('ws://h', { ...none, cookie: '{line:a}' }), true);
    assert.equal(nameFiles('ws://h', { ...none, send: ['@a'] }), true);
    assert.equal(nameFiles('ws://h', { ...none, send: ['{line:a}'] }), true);
  });
});

describe('findTemplateProblems()', () => {
  it('finds none without files', () => {
    assert.deepEqual(findTemplateProblems('ws://h/{index}', all, 1_000_000), []);
  });

  it('names a file that can not be read', () => {
    const [problem] = findTemplateProblems('ws://h', { ...none, cookie: '{line:/none}' }, 1);
    assert.match(problem ?? '', /^"\{line:\/none\}": ENOENT/);
  });
});
