// A WebSocket server on Bun's own, a peer to compare ours with: it greets and echoes.
//
//   bun bun-server.js PORT GREETING
const [port, greeting] = Bun.argv.slice(2);

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  fetch(request, server) {
    if (server.upgrade(request)) return;
    return new Response('WebSocket only', { status: 426 });
  },
  websocket: {
    open(socket) {
      socket.send(greeting);
    },
    message(socket, message) {
      socket.send(message);
    },
  },
});
