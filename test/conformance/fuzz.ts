import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFrame, opcodes } from './frame.js';
import { RandomFrames } from './random-frames.js';
import { handshakeRequest, RawConnection, whyRefused } from './raw-connection.js';

/** What a server has gone through, and how it did. */
export interface FuzzResult {
  readonly frames: number;
  /** Connections over which they went. */
  readonly connections: number;
  /** Those of them that the server has ended. */
  readonly ended: number;
  /** Echoes that a client which keeps to the rules asked for meanwhile, and got. */
  readonly healthyAsked: number;
  readonly healthyEchoes: number;
}

/** How much is sent, and from which seed. */
export interface FuzzBudget {
  readonly frames: number;
  readonly seed: number;
}

/** Connections at a time. */
const atOnce = 16;

/** Frames written at once, and in all over one connection: a cut frame makes the server wait for more and more. */
const framesPerWrite = 20;
const framesPerConnection = 200;

const timeoutMs = 10_000;

/** How often the healthy client asks, in milliseconds. */
const healthyEveryMs = 50;

/**
 * Sends random frames to the server that listens on a port of this machine, over many connections.
 * @throws {RangeError} if it refuses a connection, so that it does not live any more.
 */
export async function fuzz(port: number, budget: FuzzBudget): Promise<FuzzResult> {
  const random = new RandomFrames(budget.seed);
  const counts = { frames: 0, connections: 0, ended: 0 };
  const attack = async (): Promise<void> => {
    while (counts.frames < budget.frames) {
      const connection = await openConnection(port);
      counts.connections++;
      connection.ignore();
      for (let sent = 0; sent < framesPerConnection && !connection.hasEnded;) {
        const count = Math.min(framesPerWrite, budget.frames - counts.frames);
        if (count <= 0) break;
        counts.frames += count;
        sent += count;
        connection.send(Buffer.concat(Array.from({ length: count }, () => random.next())));
        await connection.drained(timeoutMs);
        // Lets the answers in, and the end.
        await new Promise(setImmediate);
      }
      if (connection.hasEnded) counts.ended++;
      connection.destroy();
    }
  };
  const attackers = Promise.all(Array.from({ length: atOnce }, attack));
  const healthy = await echoUntil(port, attackers);
  await attackers;
  return { ...counts, ...healthy };
}

async function openConnection(port: number): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  connection.send(handshakeRequest());
  const refused = whyRefused(await connection.answer(timeoutMs));
  if (refused === undefined) return connection;
  connection.destroy();
  throw new RangeError(`the server opens no connection any more: ${refused}`);
}

/** Asks for echoes until the attack has ended. */
async function echoUntil(
  port: number,
  attack: Promise<unknown>,
): Promise<Pick<FuzzResult, 'healthyAsked' | 'healthyEchoes'>> {
  const counts = { healthyAsked: 0, healthyEchoes: 0 };
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  attack.then(over, over);
  const connection = await openConnection(port);
  const isStillOn = (): boolean => !isOver;
  while (isStillOn()) {
    const payload = `healthy ${++counts.healthyAsked}`;
    connection.send(encodeFrame({ opcode: opcodes.text, payload }));
    const frame = await connection.nextFrame(timeoutMs);
    if (frame?.payload.toString() === payload) counts.healthyEchoes++;
    await sleep(healthyEveryMs);
  }
  connection.destroy();
  return counts;
}
