// A server on Bun's own WebSockets that is known to leak, or not to: bun bun-known-server.js PORT BEHAVIOUR BYTES.
const [port, behaviour, bytesText] = Bun.argv.slice(2);
const bytes = Number(bytesText);
const kept = [];

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  fetch(request, server) {
    if (server.upgrade(request)) return;
    return new Response('WebSocket only', { status: 426 });
  },
  websocket: {
    open(socket) {
      if (behaviour === 'leak') kept.push(new Uint8Array(bytes).fill(1));
      if (behaviour === 'garbage') new Uint8Array(bytes).fill(1);
      socket.send('{"type":"greeting","message":"hello"}');
    },
    message(socket, message) {
      socket.send(message);
    },
  },
});
