import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { parseGoHeap, profileUrlOf, readGoHeap } from './go-heap.js';

/** As Go 1.19 writes it, shortened. */
const profile = `heap profile: 3: 4112 [9: 12336] @ heap/1048576
1: 4112 [3: 12336] @ 0x46e9b2 0x46ec05
#	0x46e9b1	main.main+0x31	/tmp/main.go:9

# runtime.MemStats
# Alloc = 199536
# TotalAlloc = 300000
# Mallocs = 1200
# Frees = 200
# HeapAlloc = 199536
# HeapSys = 3899392
# HeapObjects = 1000
# Stack = 294912 / 294912
`;

async function serve(t: TestContext, answer: (url: string) => string): Promise<string> {
  const server = createServer((request, response) => response.end(answer(request.url ?? '')));
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/chat`;
}

describe('readGoHeap()', () => {
  it('reads objects and stacks after two collections', async (t) => {
    const asked: string[] = [];
    const url = await serve(t, (path) => {
      asked.push(path);
      return path.includes('goroutine') ? 'goroutine profile: total 7\n' : profile;
    });
    const found = await readGoHeap(profileUrlOf(url));
    assert.deepEqual(
      [...(found?.kinds ?? [])],
      [
        ['object', { count: 1000, bytes: 199_536 }],
        ['goroutine', { count: 7, bytes: 14_336 }],
      ],
    );
    assert.deepEqual(asked, [
      '/debug/pprof/heap?gc=1&debug=1',
      '/debug/pprof/heap?gc=1&debug=1',
      '/debug/pprof/goroutine?debug=1',
    ]);
  });

  it('reads nothing of a server that has no profile, or is not there', async (t) => {
    const url = await serve(t, () => 'Upgrade Required');
    assert.equal(await readGoHeap(profileUrlOf(url)), undefined);
    assert.equal(await readGoHeap('http://127.0.0.1:1/debug/pprof/heap'), undefined);
    assert.equal(parseGoHeap('heap profile: 0: 0 [0: 0] @ heap/1048576\n'), undefined);
  });
});
