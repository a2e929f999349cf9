import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  compileNettyServer,
  missingForNetty,
} from '../../bench/targets/peers/netty/compile-netty-server.js';
import { isLeftOut } from './program.js';
import { connect } from './server-process.js';

/** How to start a target; its own options follow the arguments. */
interface TargetProgram {
  readonly command: string;
  readonly args: readonly string[];
}

interface TargetEnd {
  readonly exitStatus: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

interface StartedTarget {
  readonly child: ChildProcess;
  readonly firstLine: Promise<string>;
  readonly exit: Promise<TargetEnd>;
}

interface RunningTarget extends StartedTarget {
  readonly url: string;
}

const wsProgram = fileURLToPath(new URL('../../bench/targets/peers/ws-server.js', import.meta.url));
const defaultGreeting = '{"type":"greeting","message":"hello"}';
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

const targets: readonly {
  readonly name: string;
  readonly missing: () => string | undefined;
  readonly program: () => TargetProgram | Promise<TargetProgram>;
}[] = [
  {
    name: 'ws',
    missing: () => undefined,
    program: () => ({ command: process.execPath, args: [wsProgram] }),
  },
  { name: 'netty', missing: missingForNetty, program: compileNettyServer },
];

function startProcess(
  { command, args }: TargetProgram,
  options: readonly string[],
  hasChannel = false,
): StartedTarget {
  const child = spawn(command, [...args, ...options], {
    stdio: ['ignore', 'pipe', 'pipe', ...(hasChannel ? (['ipc'] as const) : [])],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  assert.ok(child.stdout !== null && child.stderr !== null);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const exit = once(child, 'close').then(([status]) => ({
    exitStatus: status as number | null,
    lines,
    stderr,
  }));
  const line = once(output, 'line').then(([text]) => text as string);
  const ended = exit.then((end) => lines[0] ?? assert.fail(`It ended early: ${end.stderr}`));
  const firstLine = Promise.race([line, ended]);
  // Those that are to fail have no first line, and nobody waits for it.
  firstLine.catch(() => undefined);
  return { child, exit, firstLine };
}

async function listen(target: StartedTarget): Promise<RunningTarget> {
  const line = await target.firstLine;
  assert.match(line, /^\{"url":"ws:\/\/127\.0\.0\.1:\d+"\}$/);
  return { ...target, ...(JSON.parse(line) as { readonly url: string }) };
}

for (const { name, missing, program } of targets) {
  const start = async (...options: readonly string[]): Promise<RunningTarget> =>
    listen(startProcess(await program(), ['--port', '0', '--host', '127.0.0.1', ...options]));

  describe(`the ${name} target`, () => {
    const greetings: [string, string[], string | undefined][] = [
      ['the default', [], defaultGreeting],
      ['a text, beyond ASCII', ['--greeting', 'Ebbe & Flut – ☾'], 'Ebbe & Flut – ☾'],
      ['an empty frame', ['--greeting', ''], ''],
      ['nothing', ['--no-greeting'], undefined],
    ];
    for (const [what, options, greeting] of greetings) {
      for (const compression of ['off', 'deflate']) {
        it(`greets with ${what}, then echoes, with --compression ${compression}`, async (t) => {
          if (isLeftOut(t, missing())) return;
          const target = await start(...options, '--compression', compression);
          for (const offers of [true, false]) {
            // Each message is compressed, however short.
            const client = await connect(target.url, {
              perMessageDeflate: offers ? { threshold: 0 } : false,
            });
            const isNegotiated = client.socket.extensions.startsWith('permessage-deflate');
            assert.equal(isNegotiated, offers && compression === 'deflate');
            // Without a greeting the echo comes first, which proves that there was none.
            const messages = ['ping', randomBytes(1000), '', 'ping '.repeat(1000), Buffer.alloc(0)];
            for (const message of messages) client.socket.send(message);
            if (greeting !== undefined) assert.equal(await client.next(), greeting);
            for (const message of messages) assert.deepEqual(await client.next(), message);
            client.socket.close();
            await client.closed;
          }
        });
      }
    }

    it('offers compression unless told otherwise', async (t) => {
      if (isLeftOut(t, missing())) return;
      const target = await start();
      const client = await connect(target.url, { perMessageDeflate: true });
      assert.equal(client.socket.extensions, 'permessage-deflate');
    });

    it('echoes a message that comes in fragments', async (t) => {
      if (isLeftOut(t, missing())) return;
      const target = await start('--no-greeting');
      const client = await connect(target.url);
      client.socket.send('high ', { fin: false });
      client.socket.send('and ', { fin: false });
      client.socket.send('low', { fin: true });
      assert.equal(await client.next(), 'high and low');
    });

    it('takes a message of --max-payload and closes the connection of a larger one', async (t) => {
      if (isLeftOut(t, missing())) return;
      const target = await start('--no-greeting', '--max-payload', '100');
      const client = await connect(target.url);
      client.socket.send('x'.repeat(100));
      assert.equal(await client.next(), 'x'.repeat(100));
      client.socket.send('x'.repeat(101));
      // 1009 is a message too big; 1006 is a connection that is cut.
      assert.ok([1006, 1009].includes(await client.closed));
    });

    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      it(`closes with 1001 and ends with 0 on ${signal}`, async (t) => {
        if (isLeftOut(t, missing())) return;
        const target = await start();
        const clients = await Promise.all([
          connect(target.url),
          connect(target.url, { perMessageDeflate: true }),
        ]);
        for (const client of clients) assert.equal(await client.next(), defaultGreeting);
        target.child.kill(signal);
        for (const client of clients) assert.equal(await client.closed, 1001);
        const end = await target.exit;
        assert.equal(end.exitStatus, 0, end.stderr);
        assert.equal(end.lines.length, 1);
        assert.equal(end.stderr, '');
      });
    }

    it('ends although clients do not answer the close', async (t) => {
      if (isLeftOut(t, missing())) return;
      const target = await start();
      const client = await connect(target.url);
      client.socket.pause();
      const silent = connectTcp(Number(new URL(target.url).port), '127.0.0.1');
      silent.on('error', () => undefined);
      await once(silent, 'connect');
      target.child.kill('SIGTERM');
      const end = await target.exit;
      assert.equal(end.exitStatus, 0, end.stderr);
      client.socket.terminate();
      silent.destroy();
    });

    const mistakes: [string[], RegExp][] = [
      [['--prot', '0'], /unknown option .*--prot/],
      [['--port', 'x'], /--port: "x" is not a whole number of 0 to 65535/],
      [['--compression', 'zip'], /--compression: "zip" is neither off nor deflate/],
    ];
    for (const [options, message] of mistakes) {
      it(`refuses ${options.join(' ')} with one line and status 2`, async (t) => {
        if (isLeftOut(t, missing())) return;
        const end = await startProcess(await program(), options).exit;
        assert.equal(end.exitStatus, 2);
        assert.deepEqual(end.lines, []);
        assert.match(end.stderr, message);
        assert.match(end.stderr, new RegExp(`^${name}-server: [^\\n]+\\n$`));
      });
    }

    it('ends with one line and status 1 when it cannot listen', async (t) => {
      if (isLeftOut(t, missing())) return;
      const first = await start();
      const options = [`--port=${new URL(first.url).port}`];
      const end = await startProcess(await program(), options, name === 'ws').exit;
      assert.equal(end.exitStatus, 1);
      assert.match(end.stderr, new RegExp(`^${name}-server: cannot listen on [^\\n]+\\n$`));
    });
  });
}

describe('the ws target', () => {
  it('ends when its IPC channel closes', async () => {
    const program = { command: process.execPath, args: [wsProgram] };
    const target = await listen(startProcess(program, [], true));
    const client = await connect(target.url);
    // Node emits no `close` for a child that was disconnected.
    const exit = once(target.child, 'exit');
    target.child.disconnect();
    assert.equal(await client.closed, 1001);
    assert.deepEqual(await exit, [0, null]);
  });

  it('prints its help with status 0', async () => {
    const program = { command: process.execPath, args: [wsProgram] };
    const end = await startProcess(program, ['--help']).exit;
    assert.equal(end.exitStatus, 0);
    assert.match(end.lines.join('\n'), /--compression <MODE>/);
  });
});
