import { join } from 'node:path';
import { packageFolder } from '../../program/package.js';

/** Source of a server on `ws`, for the port that is its last argument, that nobody can reach for three seconds after SIGUSR2; connections that are open stay. */
export const leavingServer = `
const { createServer } = require('node:http');
const { WebSocketServer } = require(${JSON.stringify(join(packageFolder, 'node_modules', 'ws'))});
const server = createServer();
new WebSocketServer({ server });
const listen = () => server.listen(Number(process.argv.at(-1)), '127.0.0.1', () => console.log('listening'));
listen();
process.on('SIGUSR2', () => {
  server.close();
  setTimeout(() => server.listening || listen(), 3000);
});
`;
