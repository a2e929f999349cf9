import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { findServerRoot, isLocalAddress, parseListeningInodes } from './listening-sockets.js';
import { findListenerList } from './read-procfs.js';

describe('parseListeningInodes()', () => {
  it('takes the listening sockets of the port, and neither connections nor other ports', () => {
    const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 100 0 0 10 0
   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0 100 0 0 10 0
   3: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4714 1 0 20 4 30 10 -1
`;
    assert.deepEqual(parseListeningInodes(tcp, 8080), ['4711', '4712']);
    assert.deepEqual(parseListeningInodes(tcp, 80), []);
    assert.deepEqual(parseListeningInodes(tcp), ['4711', '4712', '4713']);
  });
});

describe('isLocalAddress()', () => {
  it("tells a namespace's own addresses from those that it only routes to", () => {
    const trie = `Main:
  +-- 172.18.0.0/16 2 0 2
     +-- 172.18.0.0/30 2 0 2
        |-- 172.18.0.1
           /32 link UNICAST
        |-- 172.18.0.3
           /32 host LOCAL
`;
    assert.equal(isLocalAddress(trie, '172.18.0.3'), true);
    assert.equal(isLocalAddress(trie, '172.18.0.1'), false);
    assert.equal(isLocalAddress(trie, '172.18.0.30'), false);
  });
});

describe('findServerRoot()', () => {
  it('is the listener itself, whoever started it', () => {
    assert.equal(findServerRoot([{ pid: 20, parentPid: 10 }]), 20);
  });

  it('is the master that listens too, and the supervisor of several workers', () => {
    const master = { pid: 10, parentPid: 1 };
    const workers = [
      { pid: 21, parentPid: 10 },
      { pid: 22, parentPid: 10 },
    ];
    assert.equal(findServerRoot([{ pid: 21, parentPid: 10 }, master]), 10);
    assert.equal(findServerRoot(workers), 10);
  });

  it('is the supervisor of one worker if the server has told it', () => {
    assert.equal(findServerRoot([{ pid: 21, parentPid: 10 }], [10, 21]), 10);
    assert.equal(findServerRoot([{ pid: 21, parentPid: 10 }], [4711]), 21);
  });

  it('is nobody if nobody listens', () => {
    assert.equal(findServerRoot([]), undefined);
  });
});

describe('findListenerList()', () => {
  for (const [list, host] of [
    ['tcp', '127.0.0.1'],
    ['tcp6', '::1'],
  ] as const) {
    it(`finds a port while something listens on it, and in which list (${list})`, async () => {
      const server = createServer().listen(0, host);
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      assert.equal(findListenerList(process.pid, port), list);
      assert.equal(findListenerList(process.pid, port, list), list);
      server.close();
      await once(server, 'close');
      assert.equal(findListenerList(process.pid, port, list), 'none');
    });
  }

  it('does not know of processes that are gone', () => {
    assert.equal(findListenerList(2 ** 22 + 1, 80), undefined);
  });
});
