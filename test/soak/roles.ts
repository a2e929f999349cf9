import { takeTargetCensus } from '../../bench/measure/live/malloc-census.js';
import { attributeMemory } from '../../bench/measure/attribution.js';
import type { AgentClients } from '../../bench/targets/agent/agent-clients.js';
import { readMemoryMap } from '../../machine/procfs/read-procfs.js';
import type { GrowthBounds } from './judge-growth.js';

/** The parts of Tidemark that run for as long as a measurement does. */
export const roles = ['server', 'supervisor', 'generators', 'coordinator', 'sampler'] as const;

/** One of {@link roles}. */
export type Role = (typeof roles)[number];

/** What the processes of one role held at one moment, their garbage collected; in bytes. */
export interface RoleMemory {
  readonly processes: number;
  /** Resident memory except pages of files (smaps). */
  readonly privateBytes: number;
  /** Live JS heap, and the memory of buffers; undefined if one of the processes was not able to tell. */
  readonly liveBytes: number | undefined;
  /** Blocks of malloc that are not freed; undefined if those of one of the processes could not be counted while it works. */
  readonly mallocBytes: number | undefined;
}

/** A heap that changes while it is walked breaks the walk; most walks take a few milliseconds. */
const mostWalks = 5;

/**
 * Per connection: a leaked pointer takes 8 B, and twice as much with its place in a list. Four are what noise may look like.
 */
const negligiblePerConnection = 4;

/** How often the sampler of a soak takes a sample: more often than a bench's, so that V8 soon has compiled what it will. */
export const samplerIntervalMs = 200;

/** What is done once an interval, be it a report or a sample, keeps more than this if it keeps a number or two. */
const negligiblePerInterval = 256;

/** An object of JavaScript that is kept, with what it refers to, takes some hundred bytes. */
const visiblePerConnection = 100;

/** The same per interval: a row of samples.csv kept takes a kilobyte. */
const visiblePerInterval = 4096;

/** Returns what counts as growth of a role, at so many connections per second. */
export function growthBoundsOf(role: Role, connectionsPerSecond: number): GrowthBounds {
  switch (role) {
    case 'server':
    case 'generators':
      return { negligibleBytes: negligiblePerConnection, visibleBytes: visiblePerConnection };
    // Each process reports to these once a second.
    case 'supervisor':
    case 'coordinator':
      return boundsPerInterval(1, connectionsPerSecond);
    case 'sampler':
      return boundsPerInterval(1000 / samplerIntervalMs, connectionsPerSecond);
  }
}

function boundsPerInterval(intervalsPerSecond: number, connectionsPerSecond: number): GrowthBounds {
  const share = intervalsPerSecond / connectionsPerSecond;
  return {
    negligibleBytes: negligiblePerInterval * share,
    visibleBytes: visiblePerInterval * share,
  };
}

/**
 * Has the processes of a role collect their garbage, one after another, and reads what they hold then. Undefined if one of
 * them has ended, or there is none.
 */
export async function readRoleMemory(
  pids: readonly number[],
  agents: AgentClients,
): Promise<RoleMemory | undefined> {
  let privateBytes = 0;
  let liveBytes: number | undefined = 0;
  let mallocBytes: number | undefined = 0;
  for (const pid of pids) {
    const held = await collectOf(pid, agents);
    const map = readMemoryMap(pid);
    if (map === undefined) return undefined;
    const { rssBytes, fileBytes } = attributeMemory(map, {});
    privateBytes += rssBytes - fileBytes;
    liveBytes = addKnown(liveBytes, held);
    mallocBytes = addKnown(mallocBytes, countMalloc(pid));
  }
  if (pids.length === 0) return undefined;
  return { processes: pids.length, privateBytes, liveBytes, mallocBytes };
}

function countMalloc(pid: number): number | undefined {
  for (let walks = 0; walks < mostWalks; walks++) {
    const census = takeTargetCensus([pid]);
    if (census !== undefined) return census.usedBytes;
  }
  return undefined;
}

function addKnown(sum: number | undefined, more: number | undefined): number | undefined {
  return sum === undefined || more === undefined ? undefined : sum + more;
}

async function collectOf(pid: number, agents: AgentClients): Promise<number | undefined> {
  const held = (await agents.collectGarbage('js', [pid])).get(pid);
  return held === undefined ? undefined : held.js_heap_used_bytes + held.js_array_buffers_bytes;
}
