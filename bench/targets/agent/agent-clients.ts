import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ProcessMemory } from '../../../machine/v8.js';
import { agentFolderVariable, type AgentRequest, agentSocketName } from './protocol.js';

/** Longest wait for an answer, in milliseconds: a row without V8's figures is better than a row too late. */
const answerTimeoutMs = 2000;

/** The same when garbage is collected first, which takes a second or so per gigabyte. */
const collectionTimeoutMs = 30_000;

const agentProgram = new URL('./agent.js', import.meta.url);

/** Speaks with the agents in the processes of one target; see `agent.ts`. */
export class AgentClients {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidemark-agent-'));
  readonly #clients = new Map<number, AgentClient>();

  /** What the environment of the target must hold, besides what it holds anyway, for its Node programs to have agents. */
  get environment(): Readonly<Record<string, string>> {
    const options = process.env['NODE_OPTIONS'];
    const preload = `--import=${agentProgram.href}`;
    return {
      NODE_OPTIONS: options === undefined ? preload : `${options} ${preload}`,
      [agentFolderVariable]: this.#folder,
    };
  }

  /** Reads the memory of those processes that have an agent and answer in time. */
  readMemory(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessMemory>> {
    return this.#askAll(pids, 'm', answerTimeoutMs);
  }

  /** Has all those processes collect their garbage, one after the other; returns what is left in those that did. */
  async collectGarbage(pids: readonly number[]): Promise<ReadonlyMap<number, ProcessMemory>> {
    const collected = new Map<number, ProcessMemory>();
    for (const pid of pids) {
      const answers = await this.#askAll([pid], 'g', collectionTimeoutMs);
      for (const [each, memory] of answers) collected.set(each, memory);
    }
    return collected;
  }

  /** Ends all connections and removes the folder of the sockets. */
  close(): void {
    for (const client of this.#clients.values()) client.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #askAll(
    pids: readonly number[],
    request: AgentRequest,
    timeoutMs: number,
  ): Promise<ReadonlyMap<number, ProcessMemory>> {
    const answers = new Map<number, ProcessMemory>();
    await Promise.all(
      pids.map(async (pid) => {
        const answer = await this.#clientOf(pid)?.ask(request, timeoutMs);
        if (answer !== undefined) answers.set(pid, answer);
      }),
    );
    return answers;
  }

  #clientOf(pid: number): AgentClient | undefined {
    const known = this.#clients.get(pid);
    if (known?.isOpen === true) return known;
    const path = join(this.#folder, agentSocketName(pid));
    if (!existsSync(path)) return undefined;
    const client = new AgentClient(path);
    this.#clients.set(pid, client);
    return client;
  }
}

/** The connection with one agent. */
class AgentClient {
  isOpen = true;
  readonly #socket: Socket;
  /** Who waits for the next answers, in the order of their requests. */
  readonly #waiting: ((answer: ProcessMemory | undefined) => void)[] = [];

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.unref();
    // The process has ended, which its target notices by itself. The reader of lines tells the socket's errors again.
    const drop = (): void => {
      this.#socket.destroy();
    };
    this.#socket.on('error', drop);
    createInterface(this.#socket)
      .on('line', (line) => {
        this.#waiting.shift()?.(JSON.parse(line) as ProcessMemory);
      })
      .on('error', drop);
    this.#socket.on('close', () => {
      this.isOpen = false;
      for (const settle of this.#waiting.splice(0)) settle(undefined);
    });
  }

  ask(request: AgentRequest, timeoutMs: number): Promise<ProcessMemory | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs, undefined);
      this.#waiting.push((answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
