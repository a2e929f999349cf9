/** A server of a protocol over WebSocket, from its real package: `node protocol-server.js socket.io|graphql-ws PORT`. */
import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';

const [protocol, port] = process.argv.slice(2);
if (protocol === 'socket.io') {
  const http = createServer();
  // It throws out who does not answer its ping within half a second.
  new Server(http, { pingInterval: 500, pingTimeout: 500 });
  http.listen(Number(port), '127.0.0.1');
} else {
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: Number(port), path: '/graphql' });
  useServer({ schema: buildSchema('type Query { hello: String }') }, sockets, 500);
}
