import { lookup } from 'node:dns/promises';
import { readdirSync, readlinkSync } from 'node:fs';
import { readTextIfThere } from '../../../machine/read-text.js';
import { endpointOf } from '../../../program/endpoint.js';
import { messageOf, RunError } from '../../../program/failure.js';
import {
  findServerRoot,
  isLocalAddress,
  parseListeningInodes,
  type Listener,
} from '../../../machine/procfs/listening-sockets.js';
import { parseParentPid } from '../../../machine/procfs/process-stat.js';
import { listPids } from '../../../machine/procfs/read-procfs.js';

/**
 * Finds the process that serves an address: the one that listens on its port, in this network namespace or, where
 * containers share their pid namespace, in the one that has the address. For a server with workers it is the supervisor,
 * see {@link findServerRoot}; `told` are the processes that the server itself says it has.
 * @throws {RunError} if no process is seen to listen there; only root sees those of other users.
 */
export async function findServer(url: string, told: readonly number[]): Promise<number> {
  const root = findServerRoot(await findListeners(url), told);
  if (root !== undefined) return root;
  throw new RunError(
    `Cannot see which process listens at ${url}: give its --pid, or run as its user or as root`,
  );
}

/**
 * Finds the processes that listen at an address, as far as this user may see them; none if it may not.
 * @throws {RunError} if its host can't be found.
 */
export async function findListeners(url: string): Promise<readonly Listener[]> {
  const { host, port } = endpointOf(url);
  const { address, family } = await resolve(host, url);
  const inodes = listeningInodes(findNamespace(address, family).pid, port);
  return listPids().flatMap((pid) => findListener(pid, inodes) ?? []);
}

/** Tells whether a process listens for TCP connections on a port, or on any port if none is given. */
export function isListener(pid: number, port?: number): boolean {
  return findListener(pid, listeningInodes(pid, port)) !== undefined;
}

function listeningInodes(pid: number | 'self', port?: number): ReadonlySet<string> {
  const texts = ['tcp', 'tcp6'].map((file) => readTextIfThere(`/proc/${pid}/net/${file}`) ?? '');
  return new Set(texts.flatMap((text) => parseListeningInodes(text, port)));
}

async function resolve(
  host: string,
  url: string,
): Promise<{ readonly address: string; readonly family: number }> {
  try {
    return await lookup(host);
  } catch (error) {
    throw new RunError(`Cannot resolve the host of ${url}: ${messageOf(error)}`, { cause: error });
  }
}

/** Returns a process in the network namespace that has the address; this process if none other has. */
function findNamespace(address: string, family: number): { readonly pid: number | 'self' } {
  const isHere =
    family !== 4 ||
    address.startsWith('127.') ||
    isLocalAddress(readTextIfThere('/proc/self/net/fib_trie') ?? '', address);
  if (isHere) return { pid: 'self' };
  const seen = new Set<string>();
  for (const pid of listPids()) {
    const namespace = readLink(`/proc/${pid}/ns/net`);
    if (namespace === undefined || seen.has(namespace)) continue;
    seen.add(namespace);
    if (isLocalAddress(readTextIfThere(`/proc/${pid}/net/fib_trie`) ?? '', address)) return { pid };
  }
  return { pid: 'self' };
}

function findListener(pid: number, inodes: ReadonlySet<string>): Listener | undefined {
  const isListening = readFolder(`/proc/${pid}/fd`).some((descriptor) => {
    const target = readLink(`/proc/${pid}/fd/${descriptor}`);
    const inode = /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1];
    return inode !== undefined && inodes.has(inode);
  });
  const parentPid = isListening
    ? parseParentPid(readTextIfThere(`/proc/${pid}/stat`) ?? '')
    : undefined;
  return parentPid === undefined ? undefined : { pid, parentPid };
}

/** Processes come and go, and those of other users are closed to us: both count as not there. */
function readLink(path: string): string | undefined {
  return orUndefined(() => readlinkSync(path));
}

function readFolder(path: string): readonly string[] {
  return orUndefined(() => readdirSync(path)) ?? [];
}

function orUndefined<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
