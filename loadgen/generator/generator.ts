/** Entry point of a generator process: carries out the assignment that the coordinator sends, and reports. */
import { messageOf } from '../../program/failure.js';
import { endIfHungUp, endingSignals } from '../../program/ending-signals.js';
import { Arrivals } from '../plan/arrivals.js';
import { monotonicMs, type Pace, PacingClock, tickMs } from './clock.js';
import { Dialer } from '../connection/dialer.js';
import { Drain } from './drain.js';
import {
  messagesVersion,
  type Assignment,
  type FromGenerator,
  type ProcessReport,
  type ToGenerator,
} from '../plan/messages.js';
import { Population } from './population.js';
import { PortRing } from '../connection/port-ring.js';
import { Traffic } from './traffic.js';
import { areSameCounts, type LoadCounts } from '../report/counts.js';
import { hopelessAttempts } from '../report/hopeless.js';

// Node creates an error object on every close (ERR_STREAM_ALREADY_FINISHED, which nobody sees): its stack trace took
// a tenth of the CPU that a connection costs.
Error.stackTraceLimit = 0;

/** A timer may fire so early: libuv counts whole milliseconds. A tick at rest that came too soon for its report would cost a second. */
const timerEarlyMs = 1;

/** How often a process reports that has nothing to do and nothing new to tell, at least, in milliseconds. */
const quietReportMs = 1000;

/** One run of this process, from the start signal to the last report. */
class Run {
  readonly #assignment: Assignment;
  readonly #startMs: number;
  readonly #population: Population;
  readonly #clock: PacingClock;
  readonly #cpuAtStart = process.cpuUsage();
  #timer: NodeJS.Timeout | undefined;
  #drain: Drain | undefined;
  #lastTick = 0;
  /** The tick whose report is due even if nothing has changed. */
  #nextReportTick = 1;
  #reported: LoadCounts | undefined;
  #worstLagMs = 0;
  #hasBegunAll = false;
  #hasRamped = false;
  #isStopped = false;
  /** Undefined until there is something to do. */
  #activeSinceMs: number | undefined;
  #isHopeless = false;
  #isHeld: boolean;

  constructor(assignment: Assignment, dialer: Dialer, startMs: number) {
    this.#assignment = assignment;
    this.#startMs = startMs;
    this.#isHeld = assignment.isHeld;
    this.#clock = new PacingClock(startMs);
    this.#population = createPopulation(assignment, dialer, startMs, this.#lookSoon);
    this.#sleep();
  }

  /** Begins what was held back. */
  go(): void {
    this.#isHeld = false;
    this.#hurry();
  }

  beginHold(sinceMs: number): void {
    this.#population.beginHold(sinceMs);
    this.#hurry();
  }

  /** Starts nothing more; what is open stays so until the drain. */
  stop(): void {
    this.#isStopped = true;
    this.#population.stop();
  }

  drain(endMs: number): void {
    this.#drain ??= new Drain(this.#population, monotonicMs(), endMs);
    this.#hurry();
  }

  /** A connection was lost, which nobody has to be told at once, but sooner than a process at rest would. */
  readonly #lookSoon = (): void => {
    if (this.#clock.delayMs(monotonicMs()) > tickMs.idle) this.#hurry();
  };

  #hurry(): void {
    this.#clock.hurry(monotonicMs());
    this.#sleep();
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#wake, this.#clock.delayMs(monotonicMs()));
  }

  readonly #wake = (): void => {
    const nowMs = monotonicMs();
    if (nowMs < this.#startMs && this.#drain === undefined) {
      this.#sleep();
      return;
    }
    const pace = this.#paceAt(nowMs);
    const isIdle = pace !== 'working';
    if (!isIdle) this.#activeSinceMs ??= nowMs;
    const lagMs = this.#clock.tick(nowMs, pace);
    this.#worstLagMs = Math.max(this.#worstLagMs, lagMs);
    this.#population.latencies.lag.recordMs(lagMs);
    if (!this.#isHeld || this.#drain !== undefined) this.#population.advance(nowMs);
    const isDrained = this.#drain?.advance(nowMs) ?? false;
    this.#report(isIdle);
    if (isDrained) this.#finish();
    else this.#sleep();
  };

  /** Tells how slow a clock will do until something is due: thousands of idle connections must cost nothing. */
  #paceAt(nowMs: number): Pace {
    if (this.#drain !== undefined || this.#assignment.traffic !== undefined) return 'working';
    if (this.#isHeld) return 'resting';
    const population = this.#population;
    if (!population.isQuietUntil(nowMs + tickMs.idle)) return 'working';
    const isResting = population.isAtRest && population.isQuietUntil(nowMs + tickMs.resting);
    return isResting ? 'resting' : 'idle';
  }

  #report(isIdle: boolean): void {
    const nowMs = monotonicMs();
    const sinceStartMs = nowMs - this.#startMs + timerEarlyMs;
    const tick = Math.floor(sinceStartMs / this.#assignment.reportIntervalMs);
    if (tick > this.#lastTick) {
      this.#lastTick = tick;
      this.#reportTick(tick, isIdle);
    }
    if (this.#isStopped || this.#drain !== undefined) return;
    if (!this.#hasBegunAll && this.#population.hasBegunAll(nowMs)) {
      this.#hasBegunAll = true;
      send({ kind: 'begun' });
    }
    if (!this.#hasRamped && this.#population.isRamped(nowMs)) {
      this.#hasRamped = true;
      send({ kind: 'ramped', report: this.#takeReport() });
    }
    const { connect_errors_total: failed, connections_opened_total: opened } =
      this.#population.tally;
    if (!this.#isHopeless && opened === 0 && failed >= hopelessAttempts) {
      this.#isHopeless = true;
      send({ kind: 'hopeless', report: this.#takeReport() });
    }
  }

  /** Reports, unless nothing has changed since a report that holds for longer: to take reports of 50 idle processes has its price. */
  #reportTick(tick: number, isIdle: boolean): void {
    const { tally } = this.#population;
    const isNews = this.#reported === undefined || !areSameCounts(this.#reported, tally);
    if (isIdle && !isNews && tick < this.#nextReportTick) return;
    const quietTicks = Math.floor(quietReportMs / this.#assignment.reportIntervalMs);
    this.#nextReportTick = tick + (isIdle ? Math.max(1, quietTicks) : 1);
    this.#reported = { ...tally };
    // The tick of the next report is not waited for either: it will say the same, but may come late.
    const holdsUntil = isIdle ? this.#nextReportTick : tick;
    send({ kind: 'tick', tick, holdsUntil, report: this.#takeReport() });
    this.#worstLagMs = 0;
  }

  #takeReport(): ProcessReport {
    const cpu = process.cpuUsage(this.#cpuAtStart);
    return {
      takenAtMs: monotonicMs(),
      tally: this.#population.tally,
      worstLagMs: this.#worstLagMs,
      cpuMicros: cpu.user + cpu.system,
      activeSinceMs: this.#activeSinceMs ?? this.#startMs,
      lastOpenedMs: this.#population.lastOpenedMs,
    };
  }

  #finish(): void {
    const { connect, greeting, echo, lag } = this.#population.latencies;
    send({
      kind: 'done',
      report: this.#takeReport(),
      latencies: {
        connect: connect.encode(),
        greeting: greeting.encode(),
        echo: echo.encode(),
        lag: lag.encode(),
      },
    });
    // The coordinator disconnects once it has read this, and that ends the process.
  }
}

let prepared: { readonly assignment: Assignment; readonly dialer: Dialer } | undefined;
let run: Run | undefined;

process.on('message', (message: ToGenerator) => {
  switch (message.kind) {
    case 'prepare':
      prepared = prepare(message.version, message.assignment);
      send({ kind: 'ready', version: messagesVersion });
      break;
    case 'start':
      if (prepared) run = new Run(prepared.assignment, prepared.dialer, message.startMs);
      break;
    case 'go':
      run?.go();
      break;
    case 'hold':
      run?.beginHold(message.sinceMs);
      break;
    case 'stop':
      run?.stop();
      break;
    case 'drain':
      run?.drain(message.endMs);
      break;
  }
});
// The coordinator decides what a signal means; it reaches this process as well when it comes from a terminal.
for (const signal of endingSignals) process.on(signal, () => undefined);
// Without the coordinator nothing would end this process, so it ends at once as well.
process.on('disconnect', () => {
  endIfHungUp();
  process.exit();
});
process.on('uncaughtException', (error) => {
  process.stderr.write(`tidemark: generator process ${process.pid}: ${messageOf(error)}\n`);
  process.exit(1);
});

function prepare(version: number, assignment: Assignment): typeof prepared {
  if (version !== messagesVersion) {
    throw new Error(`The coordinator speaks version ${version}, not ${messagesVersion}: reinstall`);
  }
  const { source, route } = assignment;
  const ring = source.kind === 'pool' ? new PortRing(source, Math.random) : undefined;
  return { assignment, dialer: new Dialer(route, ring) };
}

function createPopulation(
  assignment: Assignment,
  dialer: Dialer,
  startMs: number,
  noteLoss: () => void,
): Population {
  const { share, places, rate, durationMs, traffic: plan } = assignment;
  const { isDeflateOffered } = assignment.route.targets[0];
  const arrivals = new Arrivals({
    rate,
    share,
    startMs,
    endMs: durationMs === undefined ? Infinity : startMs + durationMs,
    places,
  });
  const traffic =
    plan === undefined
      ? undefined
      : new Traffic(plan, assignment.messageSlot, startMs, isDeflateOffered);
  return new Population(assignment, dialer, arrivals, traffic, noteLoss);
}

function send(message: FromGenerator): void {
  // The coordinator may be gone already; `disconnect` then ends this process.
  if (process.connected) process.send?.(message);
}
