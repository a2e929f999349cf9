import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readGoSites } from './go-sites.js';

/** As Go 1.19 writes it on Debian, where the sources of packages are below /usr/share/gocode. */
const heap = `heap profile: 3: 1053184 [9: 12336] @ heap/1048576
1: 4096 [3: 12336] @ 0x46e9b2 0x46ec05 0x46ec06
#	0x46e9b1	bufio.NewReaderSize+0x31				/usr/lib/go-1.19/src/bufio/bufio.go:57
#	0x5f595f	github.com/gorilla/websocket.(*Upgrader).Upgrade+0x1ff	/usr/share/gocode/src/github.com/gorilla/websocket/server.go:180
#	0x5f5afc	main.accept+0x39c					/srv/chat/main.go:97
#	0x43ae52	runtime.main+0x233					/usr/lib/go-1.19/src/runtime/proc.go:250

1: 524288 [1: 524288] @ 0x46e9b2 0x46ec05
#	0x46e9b1	net/textproto.readMIME+0x31	/usr/lib/go-1.19/src/net/textproto/reader.go:5
#	0x43ae52	runtime.main+0x233		/usr/lib/go-1.19/src/runtime/proc.go:250

0: 0 [5: 100] @ 0x46e9b2 0x46ec05
#	0x46e9b1	main.gone+0x31	/srv/chat/main.go:5

# runtime.MemStats
# HeapAlloc = 199536
`;

const goroutines = `goroutine profile: total 8
7 @ 0x46e9b2 0x46ec05
#	0x43ae52	main.accept.func1+0x33	/srv/chat/main.go:52

1 @ 0x46e9b2 0x46ec05
#	0x46e9b1	example.org/jobs.Run+0x31	/root/go/pkg/mod/example.org/jobs@v1.2.0/run.go:5
`;

describe('readGoSites()', () => {
  const { bytes, everyBytes } = readGoSites(heap, goroutines, 1_000_000, 2048) ?? {};

  it('names functions of packages by who has called them, and those of Go where nobody else is in sight', () => {
    assert.deepEqual(
      [...(bytes ?? [])].filter(([, each]) => each > 0).map(([site]) => site),
      [
        'websocket.(*Upgrader).Upgrade github.com/gorilla/websocket/server.go:180 < main.accept /srv/chat/main.go:97',
        'textproto.readMIME net/textproto/reader.go:5',
        'main.accept.func1 /srv/chat/main.go:52',
        'jobs.Run example.org/jobs@v1.2.0/run.go:5',
      ],
    );
  });

  it('scales what was sampled to what is alive in all, and counts goroutines', () => {
    const [small, large, waiting] = [...(bytes?.values() ?? [])].filter((each) => each > 0);
    // One in 128 objects of 4 KiB is sampled, and of those of half a mebibyte 63 %.
    assert.equal(
      ((large ?? 0) / (small ?? 0)).toFixed(3),
      ((1.582 * 524_288) / (128.5 * 4096)).toFixed(3),
    );
    assert.equal(Math.round((large ?? 0) + (small ?? 0)), 1_000_000);
    assert.equal(waiting, 7 * 2048);
    assert.equal(everyBytes, 524_288);
  });

  it('names functions of a program that was built with -trimpath', () => {
    const trimmed = `heap profile: 1: 8192 [1: 8192] @ heap/2
1: 8192 [1: 8192] @ 0x1 0x2
#	0x1	bufio.NewReader+0x3	bufio/bufio.go:57
#	0x2	example.org/chat.Keep+0x3	example.org/chat/keep.go:9
`;
    assert.deepEqual(
      [...(readGoSites(trimmed, '', 8192, 2048)?.bytes ?? [])],
      [['chat.Keep example.org/chat/keep.go:9', 8192]],
    );
  });

  it('says nothing of a program that takes no samples', () => {
    assert.equal(readGoSites('heap profile: 0: 0 [0: 0] @ heap/0\n', '', 0, 2048), undefined);
  });
});
