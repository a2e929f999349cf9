/** What shows whether the generator was the bottleneck. Percentages are of one core. */
export interface LoadOnGenerator {
  readonly lagP99Ms: number;
  /** CPU of the busiest process during the ramp. */
  readonly busiestProcessRampCpuPercent: number;
  /** CPU of all processes during the ramp. */
  readonly rampCpuPercent: number;
  readonly cores: number;
  /** Undefined for `max`. */
  readonly rateAskedPerSecond: number | undefined;
  readonly rateAchievedPerSecond: number;
  readonly rampSeconds: number;
  /** Connections that failed because there was no local port or file descriptor. */
  readonly localFailures: number;
}

/** Lag that 1 % of the ticks may exceed. */
const lagLimitMs = 50;

/** CPU of a process, in per cent of a core, from which it counts as fully busy. */
const busyPercent = 95;

/** Share of all cores from which the generator itself counts as what keeps the machine busy. */
const machineShare = 0.9;

/** Share of the asked rate below which it counts as missed. */
const rateShare = 0.95;

/** A shorter ramp is over before the code is compiled, and says nothing about the rate that could be reached. */
const shortestRampSeconds = 1;

/** Returns in words why the figures describe the generator rather than the server; empty if they don't. */
export function findSaturation(load: LoadOnGenerator): string[] {
  const found: string[] = [];
  if (load.lagP99Ms > lagLimitMs) {
    found.push(`event-loop lag p99 was ${load.lagP99Ms.toFixed(0)} ms, more than ${lagLimitMs} ms`);
  }
  const { rateAskedPerSecond: asked, rateAchievedPerSecond: achieved } = load;
  const isMissed = asked === undefined || achieved < asked * rateShare;
  if (isMissed && load.rampSeconds >= shortestRampSeconds) {
    const what =
      asked === undefined
        ? `rate max came to ${achieved.toFixed(0)}/s`
        : `the rate came to ${achieved.toFixed(0)}/s of ${asked}/s`;
    const busy = describeBusy(load);
    if (busy !== undefined) found.push(`${what} while ${busy}`);
  }
  if (load.localFailures > 0) {
    found.push(`${load.localFailures} connections found no local port or file descriptor`);
  }
  return found;
}

function describeBusy(load: LoadOnGenerator): string | undefined {
  const { busiestProcessRampCpuPercent: busiest, rampCpuPercent: all, cores } = load;
  if (busiest >= busyPercent) {
    return `the busiest generator process used ${busiest.toFixed(0)}% of a core`;
  }
  if (all >= cores * 100 * machineShare) {
    return `the generator used ${all.toFixed(0)}% of ${cores * 100}% CPU`;
  }
  return undefined;
}
