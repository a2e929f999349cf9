import { get, type IncomingMessage } from 'node:http';
import { get as getSecurely } from 'node:https';
import { once } from 'node:events';
import { readBody } from '../../../program/read-body.js';
import { anyObject, type CountedKind, type Sites } from '../../results/live-memory.js';
import { readGoSites } from './go-sites.js';

/** Longest wait for a profile: a collection takes a second or so per gigabyte. */
const timeoutMs = 30_000;

/** A profile is a few hundred kilobytes; anything larger is not a profile. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Smallest stack of a goroutine (`stackMin` of runtime/stack.go), in bytes. The memory of all stacks that the runtime reports,
 * `StackInuse`, moves by megabytes as it keeps and gives back those of goroutines that have ended.
 */
const leastStackBytes = 2048;

/** Where `net/http/pprof` serves the profile of the heap, below the address of the program. */
export const profilePath = '/debug/pprof/heap';

/** What is alive in a Go program. */
export interface GoHeap {
  readonly kinds: ReadonlyMap<string, CountedKind>;
  /** Undefined if the program takes no samples. */
  readonly sites: Sites | undefined;
}

/** Returns where the profile of a Go program would be that serves it beside its WebSockets. */
export function profileUrlOf(webSocketUrl: string): string {
  const { protocol, host } = new URL(webSocketUrl);
  return `${protocol === 'wss:' ? 'https:' : 'http:'}//${host}${profilePath}`;
}

/**
 * Makes a Go program collect its garbage, and returns what is alive: objects on its heap, and goroutines, with the least that
 * their stacks take.
 * Undefined if it does not serve `net/http/pprof` there.
 * @param url address of the profile of the heap, such as http://127.0.0.1:6060/debug/pprof/heap
 */
export async function readGoHeap(url: string): Promise<GoHeap | undefined> {
  const asked = new URL(url);
  asked.searchParams.set('gc', '1');
  asked.searchParams.set('debug', '1');
  // Objects with a finalizer are freed only by the second collection.
  const first = await readText(asked);
  if (first === undefined || parseGoHeap(first) === undefined) return undefined;
  const profile = (await readText(asked)) ?? '';
  const heap = parseGoHeap(profile);
  const goroutines = (await readText(goroutinesUrlOf(asked))) ?? '';
  const count = Number(/^goroutine profile: total (\d+)/.exec(goroutines)?.[1]);
  if (heap === undefined || Number.isNaN(count)) return undefined;
  return {
    kinds: new Map([
      [anyObject, heap],
      ['goroutine', { count, bytes: count * leastStackBytes }],
    ]),
    sites: readGoSites(profile, goroutines, heap.bytes, leastStackBytes),
  };
}

function goroutinesUrlOf({ pathname, origin }: URL): URL {
  return new URL(`${origin}${pathname.replace(/heap$/, 'goroutine')}?debug=1`);
}

/**
 * Takes what is alive on the heap from the text form of a heap profile, which ends with the program's `runtime.MemStats`
 * (`writeHeap` of runtime/pprof). Undefined if the text is something else.
 */
export function parseGoHeap(profile: string): CountedKind | undefined {
  if (!profile.startsWith('heap profile:')) return undefined;
  const numberOf = (name: string): number | undefined => {
    const found = new RegExp(`^# ${name} = (\\d+)`, 'm').exec(profile)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [count, bytes] = [numberOf('HeapObjects'), numberOf('HeapAlloc')];
  return count === undefined || bytes === undefined ? undefined : { count, bytes };
}

async function readText(url: URL): Promise<string | undefined> {
  try {
    const options = { signal: AbortSignal.timeout(timeoutMs), rejectUnauthorized: false };
    const asking = url.protocol === 'https:' ? getSecurely(url, options) : get(url, options);
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) {
      response.destroy();
      return undefined;
    }
    return await readBody(response, mostBytes);
  } catch {
    // Nothing answers there, or not in HTTP: the program is not counted, and its verdict says so.
    return undefined;
  }
}
