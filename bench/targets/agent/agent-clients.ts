import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageFolder } from '../../../program/package.js';
import { removeAtEnd } from '../../../program/guardian.js';
import {
  agentFolderVariable,
  type AgentLanguage,
  type AgentRequest,
  agentSocketName,
  childVariablesVariable,
  type JsMemory,
  type PythonObjects,
  pythonFramesVariable,
  samplingVariable,
  snapshotsVariable,
} from './protocol.js';

/** Longest wait for an answer, in milliseconds: a row without V8's figures is better than a row too late. */
const answerTimeoutMs = 2000;

/** The same when garbage is collected first, which takes a second or so per gigabyte. */
const collectionTimeoutMs = 30_000;

/** The module that is preloaded into Node programs. */
export const agentProgram = new URL('./agent.js', import.meta.url);

/** Python's agent is not compiled, so it stays in its folder of the package. */
const pythonFolder = join(packageFolder, 'bench/targets/agent/python');

/** Frames that Python keeps of each stack: enough to get through asyncio and a package to the program. */
const pythonFrames = 8;

/** What agents answer, by the language of their programs. */
interface Answers {
  readonly js: JsMemory;
  readonly py: PythonObjects;
}

/** What agents are to find out besides the memory of their programs. */
export interface AgentAsks {
  /** Bytes between the samples that Node programs take of what they allocate, on average; undefined if they are to take none. */
  readonly samplingBytes: number | undefined;
  /** Whether Python programs trace what they allocate. */
  readonly tracesPython: boolean;
  /** Whether Node programs write heap snapshots. */
  readonly takesSnapshots: boolean;
}

/** Talks to the agents in the processes of one target; see `agent.ts`. */
export class AgentClients {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidemark-agent-'));
  readonly #clients = new Map<string, AgentClient>();
  readonly #asks: AgentAsks;
  readonly #childVariables: Readonly<Record<string, string>>;

  /**
   * @param asks what the agents are to find out
   * @param childVariables variables that programs with an agent give to what they start, besides their own
   */
  constructor(asks: AgentAsks, childVariables: Readonly<Record<string, string>> = {}) {
    removeAtEnd(this.#folder);
    this.#asks = asks;
    this.#childVariables = childVariables;
  }

  /** What must be added to the environment of the target for its Node and Python programs to have agents. */
  get environment(): Readonly<Record<string, string>> {
    const options = process.env['NODE_OPTIONS'];
    const { samplingBytes, tracesPython, takesSnapshots } = this.#asks;
    const preload = `--import=${agentProgram.href}`;
    return {
      NODE_OPTIONS: options === undefined ? preload : `${options} ${preload}`,
      PYTHONPATH: [pythonFolder, ...given(process.env['PYTHONPATH'])].join(delimiter),
      [agentFolderVariable]: this.#folder,
      ...(samplingBytes === undefined ? {} : { [samplingVariable]: String(samplingBytes) }),
      [childVariablesVariable]: JSON.stringify(this.#childVariables),
      ...(tracesPython ? { [pythonFramesVariable]: String(pythonFrames) } : {}),
      ...(takesSnapshots ? { [snapshotsVariable]: '1' } : {}),
    };
  }

  /** Reads the memory of those processes that have an agent and answer in time. */
  readMemory(pids: readonly number[]): Promise<ReadonlyMap<number, JsMemory>> {
    return this.#askAll('js', pids, 'm', answerTimeoutMs);
  }

  /** Makes those processes collect their garbage, one after another; returns what is left in those that did. */
  async collectGarbage<Language extends AgentLanguage>(
    language: Language,
    pids: readonly number[],
  ): Promise<ReadonlyMap<number, Answers[Language]>> {
    const collected = new Map<number, Answers[Language]>();
    for (const pid of pids) {
      const answers = await this.#askAll(language, [pid], 'g', collectionTimeoutMs);
      for (const [each, answer] of answers) collected.set(each, answer);
    }
    return collected;
  }

  /** Makes the malloc of Python programs give back to the kernel what is free; returns the processes that did. */
  async trim(pids: readonly number[]): Promise<readonly number[]> {
    const answers = await this.#askAll('py', pids, 't', collectionTimeoutMs);
    return [...answers].flatMap(([pid, answer]) =>
      (answer as { readonly trimmed?: boolean }).trimmed === true ? [pid] : [],
    );
  }

  /** Ends all connections and removes the folder of the sockets. */
  close(): void {
    for (const client of this.#clients.values()) client.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #askAll<Language extends AgentLanguage>(
    language: Language,
    pids: readonly number[],
    request: AgentRequest,
    timeoutMs: number,
  ): Promise<ReadonlyMap<number, Answers[Language]>> {
    const answers = new Map<number, Answers[Language]>();
    await Promise.all(
      pids.map(async (pid) => {
        const answer = await this.#clientOf(pid, language)?.ask(request, timeoutMs);
        if (answer !== undefined) answers.set(pid, answer as Answers[Language]);
      }),
    );
    return answers;
  }

  #clientOf(pid: number, language: AgentLanguage): AgentClient | undefined {
    const name = agentSocketName(pid, language);
    const known = this.#clients.get(name);
    if (known?.isOpen === true) return known;
    const path = join(this.#folder, name);
    if (!existsSync(path)) return undefined;
    const client = new AgentClient(path);
    this.#clients.set(name, client);
    return client;
  }
}

/** The connection with one agent. */
class AgentClient {
  isOpen = true;
  readonly #socket: Socket;
  /** What waits for the next answers, in the order of the requests. */
  readonly #waiting: ((answer: unknown) => void)[] = [];

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.unref();
    // The process has ended, which its target notices by itself. The reader of lines repeats the socket's errors.
    const drop = (): void => {
      this.#socket.destroy();
    };
    this.#socket.on('error', drop);
    createInterface(this.#socket)
      .on('line', (line) => {
        this.#waiting.shift()?.(JSON.parse(line));
      })
      .on('error', drop);
    this.#socket.on('close', () => {
      this.isOpen = false;
      for (const settle of this.#waiting.splice(0)) settle(undefined);
    });
  }

  /** Resolves to the agent's answer, or to undefined if it did not answer in time. */
  ask(request: AgentRequest, timeoutMs: number): Promise<unknown> {
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

function given(value: string | undefined): string[] {
  return value === undefined || value === '' ? [] : [value];
}
