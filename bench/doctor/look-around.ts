import { setTimeout as sleep } from 'node:timers/promises';
import { parseListeningInodes } from '../../machine/procfs/listening-sockets.js';
import { parseProcessTime } from '../../machine/procfs/process-stat.js';
import { listPids } from '../../machine/procfs/read-procfs.js';
import { readTextIfThere } from '../../machine/read-text.js';
import {
  findNativeBinding,
  NoBindingError,
  readGlibcVersion,
} from '../../server/native-binding.js';
import type { MachineFacts, NativeBuild } from './checks/machine-facts.js';
import { type CpuTime, findOtherWork, parseBusyTicks } from './other-work.js';

/** How long the work of others is watched, in milliseconds. */
const watchedMs = 1000;

/** Ports of `tidemark server`, unless it is told otherwise. */
const serverPorts = [8080, 9090];

/** Finds out what {@link MachineFacts} leave out at first: tries the native build and the ports, and watches who works. */
export async function lookAround(): Promise<
  Pick<MachineFacts, 'glibcVersion' | 'nativeBuild' | 'portsTaken' | 'otherWork'>
> {
  const before = readCpuTime();
  const startedAt = performance.now();
  await sleep(watchedMs);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    // The command that has started us, such as npm, is no other program.
    otherWork: findOtherWork(before, readCpuTime(), seconds, [process.pid, process.ppid]),
    glibcVersion: readGlibcVersion(),
    nativeBuild: tryNativeBuild(),
    portsTaken: findTakenPorts(),
  };
}

function tryNativeBuild(): NativeBuild {
  try {
    const { version, abi, lowered } = findNativeBinding(process.env['TIDEMARK_UWS']);
    return { kind: 'loads', version, abi, lowered };
  } catch (error) {
    if (!(error instanceof NoBindingError)) throw error;
    return { kind: 'fails', reason: error.message, advice: error.advice };
  }
}

function findTakenPorts(): number[] | undefined {
  const tables = ['/proc/self/net/tcp', '/proc/self/net/tcp6'].flatMap(
    (path) => readTextIfThere(path) ?? [],
  );
  if (tables.length === 0) return undefined;
  return serverPorts.filter((port) =>
    tables.some((text) => parseListeningInodes(text, port).length > 0),
  );
}

function readCpuTime(): CpuTime {
  const pids = process.platform === 'linux' ? listPids() : [];
  return {
    busyTicks: parseBusyTicks(readTextIfThere('/proc/stat') ?? ''),
    processes: pids.flatMap(
      (pid) => parseProcessTime(pid, readTextIfThere(`/proc/${pid}/stat`) ?? '') ?? [],
    ),
  };
}
