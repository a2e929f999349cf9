/**
 * The floor for a server on uWebSockets.js: it greets and echoes, and checks, counts and limits nothing. What a connection or an echo
 * costs ours beyond that is our own code; what it costs here beyond another runtime is the binding, libuv and Node.
 *
 *     node bare-uws-server.js PORT GREETING
 */
import { findNativeBinding, loadNativeBinding } from '../../../server/native-binding.js';

const [port = '', text = ''] = process.argv.slice(2);
const greeting = Buffer.from(text);

loadNativeBinding(findNativeBinding(undefined))
  .App()
  .ws('/*', {
    open: (socket) => {
      socket.send(greeting, false);
    },
    message: (socket, message, isBinary) => {
      socket.send(message, isBinary);
    },
  })
  .listen('127.0.0.1', Number(port), (listening) => {
    if (listening !== false) return;
    process.stderr.write(`cannot listen on port ${port}\n`);
    process.exit(1);
  });
