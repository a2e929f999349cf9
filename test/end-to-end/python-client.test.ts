import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { isMissing } from './program.js';
import { startServer } from './server-process.js';

/** Debian's own Python, for which its package python3-websockets is. */
const python = '/usr/bin/python3';

/** Prints the extensions that were agreed on, the greeting and two echoes, as JSON. */
const client = `
import asyncio, json, sys
import websockets

async def main(url, compression):
    async with websockets.connect(url, compression=compression or None) as socket:
        # websockets 13 and newer keep them one level deeper.
        agreed = socket.extensions if hasattr(socket, "extensions") else socket.protocol.extensions
        extensions = [extension.name for extension in agreed]
        greeting = await socket.recv()
        await socket.send("ping " * 2000)
        text = await socket.recv()
        await socket.send(bytes(range(256)))
        binary = await socket.recv()
    print(json.dumps([extensions, greeting, text, list(binary), socket.close_code]))

asyncio.run(main(*sys.argv[1:]))
`;

const run = promisify(execFile);

describe('tidemark server with the client of python3-websockets', () => {
  for (const mode of ['off', 'shared']) {
    for (const compression of ['', 'deflate']) {
      const offer = compression === '' ? 'no compression' : 'compression';
      it(`greets and echoes with --compression ${mode} to one that offers ${offer}`, async (t) => {
        if (isMissing(t, 'python3-websockets', python, '-c', 'import websockets')) return;
        const server = await startServer('--compression', mode);
        const { stdout } = await run(python, ['-c', client, server.url, compression]);
        assert.deepEqual(JSON.parse(stdout), [
          compression === 'deflate' && mode === 'shared' ? ['permessage-deflate'] : [],
          '{"type":"greeting","message":"hello"}',
          'ping '.repeat(2000),
          Array.from({ length: 256 }, (_, index) => index),
          1000,
        ]);
      });
    }
  }
});
