import type { Arrivals } from '../plan/arrivals.js';
import { monotonicMs } from './clock.js';
import type { Connection, ConnectionOwner } from '../connection/connection.js';
import type { Dialer } from '../connection/dialer.js';
import { Conversation } from './conversation.js';
import { noLatencies } from '../report/latencies.js';
import { endOf } from '../plan/behaviour.js';
import type { Assignment } from '../plan/messages.js';
import { StartOrder } from '../connection/start-order.js';
import { countDetail, countError, noCounts, type RunningCounts } from '../report/counts.js';
import { MemoryBudget } from '../connection/memory-budget.js';
import { Churn } from './churn.js';
import { Closing } from './closing.js';
import { SlowReaders } from './slow-readers.js';
import type { Traffic } from './traffic.js';
import { countLostAge } from '../report/lost-ages.js';
import type { FailureCode } from '../report/failure-codes.js';

/** How often a connection is tried again because its local address and port were in use by another program. */
const localAddressRetries = 8;

/** Connections that one turn of the event loop may start: 12,800 per second, which is more than a core can do. */
const startsPerTick = 64;

/** Connections at the end of their lifetime that one turn of the event loop may end. */
const endsPerTick = 256;

/** Connections that a storm may drop in one turn of the event loop: at once, apart from the time that this takes. */
const dropsPerTick = 2048;

/** All connections of one process: starts them, counts what happens to them, and closes them when their time is over. */
export class Population implements ConnectionOwner {
  readonly tally: RunningCounts = noCounts();
  readonly latencies = noLatencies();
  /** Open connections that we haven't begun to close. */
  readonly usable: Connection[] = [];
  /** Close handshakes that we have begun and that aren't over. */
  readonly closing = new Closing(() => {
    this.tally.closes_unanswered_total++;
  });
  readonly memory: MemoryBudget;
  lastOpenedMs = 0;
  readonly #assignment: Assignment;
  readonly #dialer: Dialer;
  readonly #arrivals: Arrivals;
  readonly #traffic: Traffic | undefined;
  readonly #conversation: Conversation;
  /** Connections whose handshake, required greeting or opening is awaited. */
  readonly #waiting = new StartOrder<Connection>();
  readonly #churn: Churn;
  readonly #slowReaders: SlowReaders;
  /** Connections whose client has gone silent, as long as the server has not closed them. */
  readonly #silent = new Set<Connection>();
  readonly #noteLoss: () => void;
  #isStopped = false;
  #expectedGreeting: Buffer | undefined;

  constructor(
    assignment: Assignment,
    dialer: Dialer,
    arrivals: Arrivals,
    traffic: Traffic | undefined,
    noteLoss: () => void,
  ) {
    this.#noteLoss = noteLoss;
    this.#assignment = assignment;
    this.#dialer = dialer;
    this.#arrivals = arrivals;
    this.#traffic = traffic;
    this.memory = new MemoryBudget(assignment.limits);
    this.#conversation = new Conversation(assignment.conversation, this.tally);
    const { greeting, behaviour } = assignment;
    this.#churn = new Churn(behaviour);
    this.#slowReaders = new SlowReaders(behaviour);
    this.#expectedGreeting = greeting.kind === 'text' ? Buffer.from(greeting.text) : undefined;
  }

  /** Tells whether everything that was asked for has been started. */
  hasBegunAll(nowMs: number): boolean {
    if (this.#arrivals.isExhausted(nowMs)) return true;
    return this.#churn.hasRamp && this.#arrivals.hasFilledPlaces;
  }

  /** Tells whether everything that was asked for has been tried and settled, greeting and opening included. */
  isRamped(nowMs: number): boolean {
    // A handshake that is given up has failed once its socket is closed.
    const isUnderWay = this.#waiting.size + this.tally.connections_pending > 0;
    return this.hasBegunAll(nowMs) && !isUnderWay;
  }

  /** Tells whether nothing is to be started before a moment that is still to come. */
  isQuietUntil(untilMs: number): boolean {
    // A connection that the server closes has to be replaced at once, and it is not known when that will be.
    return (
      !this.#churn.isReplacing &&
      this.#arrivals.isQuietUntil(untilMs) &&
      this.#slowReaders.isQuietUntil(untilMs)
    );
  }

  /** Tells whether nothing is awaited that has a time limit, and no pings have to be spread over time. */
  get isAtRest(): boolean {
    return (
      this.#waiting.size + this.tally.connections_pending === 0 && !this.#conversation.isPinging
    );
  }

  /** Tells whether no handshake, required greeting, opening or answer is awaited any more. */
  get isSettled(): boolean {
    const { tally } = this;
    const awaitedAnswers =
      this.#traffic?.isAnswered === true
        ? tally.messages_sent_total -
          tally.echoes_received_total -
          tally.echoes_abandoned_total -
          tally.errors.echo_wrong -
          tally.errors.echo_missing
        : 0;
    return this.#waiting.size === 0 && awaitedAnswers <= 0;
  }

  /** Does what is due by now: timeouts, closes, starts, messages. */
  advance(nowMs: number): void {
    this.#expire(nowMs);
    this.closing.cutOverdue(nowMs);
    this.#slowReaders.advance(nowMs);
    if (this.#isStopped) return;
    this.#endDue(nowMs);
    this.#arrivals.advance(nowMs);
    this.#startDue(nowMs);
    this.#conversation.ping(nowMs, this.usable);
    if (this.#traffic !== undefined) {
      this.tally.messages_sent_total += this.#traffic.send(nowMs, this.usable, this.#takesMessages);
    }
    this.#noteArrivals();
  }

  /** All connections of the run are open, since this moment. */
  beginHold(sinceMs: number): void {
    this.#churn.beginHold(sinceMs, this.usable);
  }

  /** Starts nothing more and sends nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#arrivals.stop();
    this.#noteArrivals();
  }

  /** Gives up every handshake under way. */
  abandonHandshakes(): void {
    for (let oldest = this.#waiting.oldest; oldest !== undefined; oldest = this.#waiting.oldest) {
      this.#giveUpWaiting(oldest);
    }
  }

  /** Ends a usable connection in the way of its client. */
  end(connection: Connection): void {
    this.#makeUnusable(connection);
    connection.closingSinceMs = monotonicMs();
    switch (endOf(this.#assignment.behaviour.ends, connection.index)) {
      case 'close':
        this.closing.begin(connection);
        break;
      case 'reset':
        this.tally.connections_ended_by_reset_total++;
        connection.reset();
        break;
      case 'silent':
        this.#fallSilent(connection);
        break;
    }
  }

  connectionOpened(connection: Connection): void {
    const nowMs = monotonicMs();
    const { tally } = this;
    tally.connections_pending--;
    tally.connections_opened_total++;
    tally.connections++;
    this.lastOpenedMs = nowMs;
    this.latencies.connect.recordMs(nowMs - connection.dueMs);
    connection.usableIndex = this.usable.push(connection) - 1;
    connection.isGreetingAwaited = true;
    if (this.#expectedGreeting !== undefined) tally.greetings_awaited++;
    this.#conversation.begin(connection);
    this.#leaveIfReady(connection);
    this.#churn.opened(connection, nowMs);
  }

  connectionReceived(connection: Connection, data: Buffer, isBinary: boolean): void {
    this.#conversation.hear(connection, data, isBinary);
    this.#leaveIfReady(connection);
    const { tally } = this;
    const heard = this.#traffic?.hear(connection, data, isBinary);
    const { kind } = this.#assignment.greeting;
    if (heard !== undefined && heard !== 'wrong') {
      connection.awaitedAnswers--;
      tally.echoes_received_total++;
      this.latencies.echo.recordMs(monotonicMs() - heard.dueMs);
    } else if (connection.isGreetingAwaited && kind !== 'none') {
      this.#receiveGreeting(connection, data, isBinary);
    } else if (heard === 'wrong') {
      connection.awaitedAnswers--;
      countError(tally, 'echo_wrong');
    } else if (connection.isGreetingAwaited) {
      connection.isGreetingAwaited = false;
      countError(tally, 'greeting_unexpected');
    } else {
      // It comes from the server itself, or answers what the opening or a reply has said.
      tally.messages_pushed_total++;
      tally.bytes_pushed_total += data.length;
    }
  }

  pongReceived(): void {
    this.tally.pongs_received_total++;
  }

  readonly messageCompressed = (): void => {
    this.tally.messages_compressed_total++;
  };

  slowReadDone(connection: Connection, bytes: number): void {
    this.#slowReaders.hasRead(connection, bytes, monotonicMs());
  }

  connectionClosed(connection: Connection): void {
    if (!connection.hasOpened) {
      this.#noteFailed(connection);
      return;
    }
    const { tally } = this;
    this.#dialer.release(connection);
    tally.connections_closed_total++;
    if (this.#silent.delete(connection)) {
      tally.connections_silent--;
      tally.silent_closed_total++;
      return;
    }
    tally.connections--;
    this.closing.ended(connection);
    this.#makeUnusable(connection);
    this.#awaitNoMore(connection);
    if (connection.closingSinceMs > 0) {
      countError(tally, 'echo_missing', connection.awaitedAnswers);
    } else {
      tally.connections_lost_total++;
      countLostAge(tally.lost_ages_s, monotonicMs() - connection.startedMs);
      countError(tally, connection.failure ?? 'lost');
      tally.echoes_abandoned_total += connection.awaitedAnswers;
      this.#noteLoss();
    }
    this.#churn.ended(monotonicMs());
  }

  /** Counts what a connection that is over for its client was still waiting for. */
  #awaitNoMore(connection: Connection): void {
    const { tally } = this;
    this.#waiting.remove(connection);
    if (this.#isRequiredGreetingAwaited(connection)) {
      tally.greetings_awaited--;
      countError(tally, 'greeting_missing');
    }
    if (this.#conversation.forget(connection)) countError(tally, 'opening_incomplete');
    this.#traffic?.forget(connection);
  }

  #fallSilent(connection: Connection): void {
    const { tally } = this;
    tally.connections--;
    tally.connections_silent++;
    tally.connections_ended_silently_total++;
    tally.echoes_abandoned_total += connection.awaitedAnswers;
    this.#silent.add(connection);
    this.#awaitNoMore(connection);
    connection.fallSilent();
    this.#churn.ended(monotonicMs());
  }

  failureExplained(code: FailureCode, detail: string): void {
    countDetail(this.tally.error_details, `${code}: ${detail}`);
  }

  #receiveGreeting(connection: Connection, data: Buffer, isBinary: boolean): void {
    const { tally } = this;
    connection.isGreetingAwaited = false;
    if (this.#expectedGreeting !== undefined) {
      this.#leaveIfReady(connection);
      tally.greetings_awaited--;
      if (isBinary || !this.#expectedGreeting.equals(data)) {
        countError(tally, 'greeting_wrong');
        return;
      }
    }
    tally.greetings_received_total++;
    this.latencies.greeting.recordMs(monotonicMs() - connection.dueMs);
  }

  /** Tells whether the connection has received and sent everything that comes first. */
  readonly #isReady = (connection: Connection): boolean =>
    !this.#isRequiredGreetingAwaited(connection) && !this.#conversation.isOpening(connection);

  readonly #takesMessages = (connection: Connection): boolean =>
    !this.#isRequiredGreetingAwaited(connection) && this.#conversation.isThrough(connection);

  #isRequiredGreetingAwaited(connection: Connection): boolean {
    return connection.isGreetingAwaited && this.#expectedGreeting !== undefined;
  }

  #leaveIfReady(connection: Connection): void {
    if (!connection.isOrdered || !this.#isReady(connection)) return;
    this.#waiting.remove(connection);
    this.#slowReaders.ready(connection);
  }

  #noteFailed(connection: Connection): void {
    const { tally } = this;
    const failure = connection.failure ?? 'reset';
    this.#waiting.remove(connection);
    if (failure === 'local_address' && connection.retriesLeft > 0 && !this.#isStopped) {
      // Another program has this pair; it stays marked as taken, and the same attempt goes on with the next one.
      this.#dial(connection.dueMs, monotonicMs(), connection.retriesLeft - 1, connection.index);
      return;
    }
    this.#dialer.release(connection);
    tally.connections_pending--;
    tally.connect_errors_total++;
    countError(tally, failure);
    this.#churn.failed(monotonicMs());
  }

  #startDue(nowMs: number): void {
    const { tally } = this;
    for (let started = 0; started < startsPerTick; started++) {
      if (tally.connections_pending >= this.#assignment.handshakes) return;
      const dueMs = this.#arrivals.take();
      if (dueMs === undefined) return;
      tally.connections_attempted_total++;
      tally.connections_pending++;
      // With `max` there is no schedule to be late for: a connection is due when its turn has come.
      this.#dial(
        this.#assignment.rate === 'max' ? nowMs : dueMs,
        nowMs,
        localAddressRetries,
        this.#arrivals.lastTaken,
      );
    }
  }

  #dial(dueMs: number, startedMs: number, retriesLeft: number, index: number): void {
    this.#waiting.append(this.#dialer.dial(this, { dueMs, startedMs, retriesLeft, index }));
  }

  #expire(nowMs: number): void {
    for (;;) {
      const { oldest } = this.#waiting;
      const { handshakeTimeoutMs } = this.#assignment;
      if (oldest === undefined || nowMs - oldest.startedMs < handshakeTimeoutMs) return;
      this.#giveUpWaiting(oldest);
    }
  }

  #giveUpWaiting(connection: Connection): void {
    this.#waiting.remove(connection);
    if (!connection.hasOpened) {
      connection.abandon('timed_out');
      return;
    }
    // It stays open, as part of the load.
    if (this.#isRequiredGreetingAwaited(connection)) {
      connection.isGreetingAwaited = false;
      this.tally.greetings_awaited--;
      this.tally.greetings_late_total++;
      countError(this.tally, 'timed_out');
    }
    if (this.#conversation.giveUp(connection)) countError(this.tally, 'opening_incomplete');
  }

  /** Ends the connections whose time is over, and lets those come back whose time has come. */
  #endDue(nowMs: number): void {
    for (let ended = 0; ended < endsPerTick; ended++) {
      const outlived = this.#churn.takeOutlived(nowMs);
      if (outlived === undefined) break;
      if (outlived.usableIndex >= 0) this.end(outlived);
    }
    this.#churn.beginStorm(nowMs, this.usable);
    for (let dropped = 0; dropped < dropsPerTick; dropped++) {
      const connection = this.#churn.takeDropped();
      if (connection === undefined) break;
      if (connection.usableIndex < 0) continue;
      this.tally.storm_drops_total++;
      this.end(connection);
    }
    for (let ms = this.#churn.takeReturn(nowMs); ms !== undefined;) {
      this.#arrivals.release(ms);
      ms = this.#churn.takeReturn(nowMs);
    }
  }

  #makeUnusable(connection: Connection): void {
    const index = connection.usableIndex;
    if (index < 0) return;
    connection.usableIndex = -1;
    const last = this.usable.pop();
    if (last === undefined || last === connection) return;
    this.usable[index] = last;
    last.usableIndex = index;
  }

  #noteArrivals(): void {
    this.tally.connections_asked_total = this.#arrivals.askedTotal;
    this.tally.connections_unstarted = this.#arrivals.unstarted;
  }
}
