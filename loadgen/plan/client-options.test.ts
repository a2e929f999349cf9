import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { addOptions, readOptions } from '../../program/option-table.js';
import { clientOptions, type ClientOptions, findClientContradictions } from './client-options.js';
import {
  clientArguments,
  conversationOf,
  findTemplateProblems,
  headersOf,
  nameFiles,
  subprotocolsOf,
} from './client-plan.js';
import { presets } from './presets.js';

/** Parses arguments as a program does. */
function parse(args: readonly string[]): ClientOptions {
  const command = new Command().exitOverride();
  addOptions(command, clientOptions);
  command.parse([...args], { from: 'user' });
  return readOptions(command, clientOptions);
}

const none = parse([]);
const args = [
  '--header=X-One: 1',
  '--header=X-Two:2 : 3',
  '--cookie=a=b',
  '--origin=https://app.example',
  '--user-agent=tide/1',
  '--preset=graphql-ws',
  '--subprotocol=chat,mqtt',
  '--send={"login":1}',
  '--await=^ok (\\d)',
  '--send=second',
  '--reply=^ping=>pong => $1',
  '--ping=30000ms',
  '--message-rate=2.5',
  '--expect=reply',
  '--message=hello',
  '--lifetime=exp:2s',
  '--end=close:80,reset:15,silent:5',
  '--read=slow:4096B/s',
  '--slow=10%',
  '--storm=30000ms',
];
const all = parse(args);

describe('clientArguments()', () => {
  it('is empty without options', () => {
    assert.deepEqual(clientArguments(none), []);
  });

  it('gives another generator exactly what was given, in the order that matters', () => {
    assert.deepEqual(clientArguments(all), args);
    assert.deepEqual(parse(clientArguments(all)), all);
  });

  it('takes --message-binary for --payload-size', () => {
    const { payloadSize } = parse(['--message-rate=1', '--message-binary=2KiB']);
    assert.equal(payloadSize, 2048);
  });
});

describe('conversationOf()', () => {
  it('begins with the preset, and lets replies of the user come first', () => {
    assert.deepEqual(conversationOf(all), {
      opening: [
        ...presets['graphql-ws'].opening,
        { kind: 'send', text: '{"login":1}' },
        { kind: 'await', pattern: '^ok (\\d)' },
        { kind: 'send', text: 'second' },
      ],
      replies: [{ pattern: '^ping', text: 'pong => $1' }, ...presets['graphql-ws'].replies],
      pingMs: 30_000,
    });
  });
});

describe('subprotocolsOf()', () => {
  it('are those of the user, else those of the preset', () => {
    assert.deepEqual(subprotocolsOf(none), []);
    assert.deepEqual(subprotocolsOf(all), ['chat', 'mqtt']);
    assert.deepEqual(subprotocolsOf(parse(['--preset=mqtt'])), ['mqtt']);
  });
});

describe('findClientContradictions()', () => {
  const given = (...names: string[]): string[] =>
    findClientContradictions((name) => names.includes(name));

  it('finds options of messages that are not sent, and two kinds of message', () => {
    assert.deepEqual(given('messageRate', 'message', 'expect'), []);
    assert.deepEqual(given('expect'), ['--expect has no meaning without --message-rate']);
    assert.deepEqual(given('messageRate', 'message', 'payloadSize'), [
      '--message and --payload-size contradict each other',
    ]);
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
    assert.equal(nameFiles('ws://h', { ...none, send: [{ kind: 'send', text: '@a' }] }), true);
    assert.equal(nameFiles('ws://h', { ...none, message: '{line:a}' }), true);
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
