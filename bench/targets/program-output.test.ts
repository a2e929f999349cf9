import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findErrorLine, OutputTail } from './program-output.js';

/** What programs have left, and the line that says why they ended. */
const outputs: readonly (readonly [string, string, string])[] = [
  ['nothing', '', ''],
  ['a plain last line', 'starting\nno configuration, giving up\n', 'no configuration, giving up'],
  [
    'Node, an exception with a multi-line message and properties',
    `node:internal/modules/cjs/loader:1215
  throw err;
  ^

Error: Cannot find module './db'
Require stack:
- /srv/app/server.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1212:15) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ '/srv/app/server.js' ]
}

Node.js v20.20.2
`,
    "Error: Cannot find module './db'",
  ],
  [
    "Node, an unhandled 'error' event",
    `node:events:497
      throw er; // Unhandled 'error' event
      ^

Error: listen EADDRINUSE: address already in use 127.0.0.1:3000
    at Server.setupListenHandle [as _listen2] (node:net:1817:16)
Emitted 'error' event on WebSocketServer instance at:
    at Server.emit (node:events:519:28) {
  code: 'EADDRINUSE',
  port: 3000
}

Node.js v22.23.3
`,
    'Error: listen EADDRINUSE: address already in use 127.0.0.1:3000',
  ],
  [
    'Node, a string that is thrown',
    `/srv/x.js:1
throw 'no licence'
^
no licence
(Use \`node --trace-uncaught ...\` to show where the exception was thrown)

Node.js v24.21.0
`,
    'no licence',
  ],
  [
    'V8, a full heap',
    `
<--- Last few GCs --->

[71:0x5581]      512 ms: Scavenge 61.4 (64.9) -> 61.3 (65.9) MB, pooled: 0 MB, 1.1 / 0.0 ms
[71:0x5581]      540 ms: Mark-Compact (reduce) 62.9 (66.4) -> 62.5 (66.6) MB, 25.34 / 0.00 ms

<--- JS stacktrace --->

FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----

 1: 0xb8d0a3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]
18: 0xbb835e _start [node]
Aborted (core dumped)
`,
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory (its JS heap had 62.5 MB; --max-old-space-size raises the limit)',
  ],
  [
    'Python, a chain of exceptions',
    `Traceback (most recent call last):
  File "/srv/a.py", line 3, in <module>
    connect()
ConnectionError: first

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/a.py", line 5, in <module>
    raise StartupFailed("no database")
app.StartupFailed: no database
`,
    'app.StartupFailed: no database',
  ],
  [
    'Go, a panic',
    `panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.main()
	/srv/main.go:9 +0x1d
exit status 2
`,
    'panic: runtime error: index out of range [5] with length 3',
  ],
  [
    'Java, an exception with a cause',
    `Exception in thread "main" java.lang.IllegalStateException: cannot start
	at Server.main(Server.java:4)
Caused by: java.net.BindException: Address already in use
	... 1 more
`,
    'Exception in thread "main" java.lang.IllegalStateException: cannot start',
  ],
  [
    'Rust, a panic whose reason is on the next line',
    `thread 'main' panicked at src/main.rs:2:5:
called \`Result::unwrap()\` on an \`Err\` value: AddrInUse
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace
`,
    "thread 'main' panicked at src/main.rs:2:5: called `Result::unwrap()` on an `Err` value: AddrInUse",
  ],
  [
    '.NET',
    `Unhandled exception. System.IO.IOException: Failed to bind to address http://127.0.0.1:5000
   at Program.Main()
`,
    'Unhandled exception. System.IO.IOException: Failed to bind to address http://127.0.0.1:5000',
  ],
  ['a shell', '/bin/sh: 1: nod: not found\n', '/bin/sh: 1: nod: not found'],
  ['nothing but what a shell says of a signal', 'Aborted\n', 'Aborted'],
  [
    'an error that was survived, long before',
    'Error: cache is cold\n    at warm (/srv/a.js:1:1)\n\nlistening\nshutting down: licence expired\n',
    'shutting down: licence expired',
  ],
  [
    'text that would command a terminal',
    '\u001b[31mbroken\u001b[0m \u202etxt\n',
    'broken \ufffdtxt',
  ],
];

describe('findErrorLine()', () => {
  for (const [what, output, line] of outputs) {
    it(`finds the line in what is left of: ${what}`, () => {
      assert.equal(findErrorLine(output), line);
    });
  }

  it('takes no last line for the reason of a signal, but what names an error', () => {
    assert.equal(findErrorLine('Listening on port 1\n', true), '');
    assert.equal(findErrorLine('Killed\n', true), '');
    assert.equal(findErrorLine('panic: out of luck\n', true), 'panic: out of luck');
  });

  it('cuts a line that nobody would read', () => {
    assert.equal(findErrorLine('x'.repeat(10_000)).length, 501);
  });
});

describe('OutputTail', () => {
  it('keeps the last 64 KiB', () => {
    const tail = new OutputTail();
    const line = Buffer.from(`${'a'.repeat(1023)}\n`);
    for (let count = 0; count < 1000; count++) tail.append(line);
    tail.append(Buffer.from('the end'));
    assert.equal(tail.text.length, 65_536);
    assert.ok(tail.text.endsWith('aaa\nthe end'));
  });

  it('keeps all of a short output', () => {
    const tail = new OutputTail();
    tail.append(Buffer.from('one\n'));
    tail.append(Buffer.from('two\n'));
    assert.equal(tail.text, 'one\ntwo\n');
  });
});
