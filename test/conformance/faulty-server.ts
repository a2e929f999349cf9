/**
 * An echo server on `ws` with one known fault, to show that the fuzzer finds it: `node faulty-server.js FAULT`, the faults of
 * `planted-faults.ts`. Prints one line of JSON with its URL once it listens.
 */
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { parseChoice } from '../../program/quantities.js';
import { mostPayloadBytes } from './cases.js';
import { type PlantedFault, plantedFaultNames } from './planted-faults.js';

/** No multiple of a number of frames or connections that something else has. */
const seldom = 997;
const exitAtMessage = 40_000;
const hangAtMessage = 20_000;
const leakPerMessageBytes = 200;
const leakPerConnectionBytes = 20_000;

const fault: PlantedFault = parseChoice(process.argv[2] ?? '', plantedFaultNames);
const kept: Buffer[] = [];
let messages = 0;
let pings = 0;

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  maxPayload: mostPayloadBytes,
  autoPong: false,
  skipUTF8Validation: fault === 'any-text',
});
server.on('listening', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `ws://127.0.0.1:${port}` })}\n`);
});
server.on('connection', (socket) => {
  if (fault === 'leak-connection') kept.push(Buffer.alloc(leakPerConnectionBytes, 1));
  // `ws` closes a connection that breaks the rules.
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer, isBinary) => {
    answer(socket, data, isBinary);
  });
  socket.on('ping', (data) => {
    pings++;
    if (isHanging() || (fault === 'lost-pong' && pings % seldom === 0)) return;
    if (socket.readyState === socket.OPEN) socket.pong(data);
  });
});
// The fuzzer started it.
process.once('disconnect', () => process.exit());

function answer(socket: WebSocket, data: Buffer, isBinary: boolean): void {
  messages++;
  if (fault === 'leak-message') kept.push(Buffer.alloc(leakPerMessageBytes, 1));
  if (fault === 'exit' && messages === exitAtMessage) process.exit(1);
  if (isHanging()) return;
  if (fault === 'wrong-echo' && messages % seldom === 0 && data.length > 0)
    data[0] = ~(data[0] ?? 0);
  socket.send(data, { binary: isBinary });
}

function isHanging(): boolean {
  return fault === 'hang' && messages >= hangAtMessage;
}
