import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { addOptions } from '../program/option-table.js';
import { UsageError } from '../program/failure.js';
import { readServerOptions, type ServerOptions, serverOptionTable } from './options.js';

function read(...words: string[]): ServerOptions {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addOptions(command, serverOptionTable);
  command.parse(words, { from: 'user' });
  return readServerOptions(command);
}

const defaults: ServerOptions = {
  host: '127.0.0.1',
  port: 8080,
  adminHost: '127.0.0.1',
  adminPort: 9090,
  tlsCert: undefined,
  tlsKey: undefined,
  greeting: '{"type":"greeting","message":"hello"}',
  compression: 'off',
  workers: 'auto',
  workerPorts: false,
  maxConnections: undefined,
  maxPerAddress: undefined,
  idleTimeout: 960_000,
  maxPayload: 16_384,
  maxBackpressure: 65_536,
  maxBackpressureTotal: 1024 * 1024 * 1024,
  allowOrigin: undefined,
  shutdownTimeout: 10_000,
  uws: undefined,
  json: false,
};

describe('readServerOptions()', () => {
  const accepted: [string[], Partial<ServerOptions>][] = [
    [[], {}],
    [['--host', '::1'], { host: '::1' }],
    [['--port', '0', '--admin-port', '0'], { port: 0, adminPort: 0 }],
    [['--port', '65535'], { port: 65_535 }],
    [['--port', '9090', '--admin-host', '::1'], { port: 9090, adminHost: '::1' }],
    [['--tls-cert', 'c', '--tls-key', 'k'], { tlsCert: 'c', tlsKey: 'k' }],
    [['--greeting', ''], { greeting: '' }],
    [['--no-greeting'], { greeting: undefined }],
    [['--compression', 'dedicated-256kb'], { compression: 'dedicated-256kb' }],
    [['--workers', 'auto'], { workers: 'auto' }],
    [['--workers', '3'], { workers: 3 }],
    [['--max-connections', '400000'], { maxConnections: 400_000 }],
    [['--worker-ports'], { workerPorts: true }],
    [['--max-per-address', '20'], { maxPerAddress: 20 }],
    [['--idle-timeout', '0'], { idleTimeout: 0 }],
    [['--idle-timeout', '8s'], { idleTimeout: 8000 }],
    [['--max-payload', '1MiB'], { maxPayload: 1_048_576 }],
    [['--max-backpressure', '100'], { maxBackpressure: 100 }],
    [['--shutdown-timeout', '500ms'], { shutdownTimeout: 500 }],
    [['--uws', '/opt/uws'], { uws: '/opt/uws' }],
    [['--json'], { json: true }],
  ];
  for (const [words, expected] of accepted) {
    it(`reads "${words.join(' ')}"`, () => {
      assert.deepEqual(read(...words), { ...defaults, ...expected });
    });
  }

  const refused: [string[], string][] = [
    [['--port', '65536'], '--port: "65536" is not a whole number of 0 to 65535'],
    [['--admin-port', '-1'], '--admin-port: "-1" is not a whole number of 0 to 65535'],
    [['--workers', '0'], '--workers: "0" is not a whole number of 1 to 10000'],
    [['--max-connections', '0'], '--max-connections: "0" is not a whole number of 1 or more'],
    [['--max-per-address', '0'], '--max-per-address: "0" is not a whole number of 1 or more'],
    [['--idle-timeout', '7s'], '--idle-timeout: 7s is neither 0 nor between 8s and 960s'],
    [['--idle-timeout', '961s'], '--idle-timeout: 961s is neither 0 nor between 8s and 960s'],
    [['--max-payload', '0'], '--max-payload: "0" is not 1B or more and less than 4GiB'],
    [['--max-payload', '4GiB'], '--max-payload: "4GiB" is not 1B or more and less than 4GiB'],
    [
      ['--host', '', '--admin-host', ' '],
      '--host: the address is empty; give one, such as 127.0.0.1 or 0.0.0.0; ' +
        '--admin-host: the address is empty; give one, such as 127.0.0.1 or 0.0.0.0',
    ],
    [['--tls-cert', 'c'], '--tls-cert and --tls-key go together: give both, or none'],
    [['--tls-key', 'k'], '--tls-cert and --tls-key go together: give both, or none'],
    [['--port', '9090'], '--port and --admin-port are both 9090: give two different ones'],
    [
      ['--tls-key', 'k', '--port', '9090'],
      '--tls-cert and --tls-key go together: give both, or none; ' +
        '--port and --admin-port are both 9090: give two different ones',
    ],
    [
      ['--workers', 'two', '--max-payload', 'big'],
      '--workers: "two" is not a whole number of 1 to 10000; ' +
        '--max-payload: "big" is not a size such as 100B, 64KiB or 2GiB',
    ],
  ];
  for (const [words, message] of refused) {
    it(`refuses "${words.join(' ')}"`, () => {
      assert.throws(
        () => read(...words),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.message, message);
          return true;
        },
      );
    });
  }

  it('names all modes when it does not know the one asked for', () => {
    assert.throws(
      () => read('--compression', 'gzip'),
      /^UsageError: --compression: "gzip" is none of off, shared, dedicated-3kb, .*, dedicated-256kb$/,
    );
  });
});
