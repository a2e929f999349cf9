import TinyQueue from 'tinyqueue';
import type { Arrivals } from '../plan/arrivals.js';
import { monotonicMs } from './clock.js';
import type { Connection, ConnectionOwner } from '../connection/connection.js';
import type { Dialer } from '../connection/dialer.js';
import { Conversation } from './conversation.js';
import { Latencies } from '../report/latencies.js';
import { sampleLifetimeMs } from '../plan/lifetimes.js';
import type { Assignment } from '../plan/messages.js';
import { StartOrder } from '../connection/start-order.js';
import { countDetail, countError, noCounts, type RunningCounts } from '../report/counts.js';
import type { Traffic } from './traffic.js';
import type { FailureCode } from '../report/failure-codes.js';

/** How often a connection is tried again because its local address and port were in use by another program. */
const localAddressRetries = 8;

/** Connections that one turn of the event loop may start: 12,800 per second, which is more than a core can do. */
const startsPerTick = 64;

/** How long the server may take to answer a close, in milliseconds: what the `ws` client allows it. */
const closeTimeoutMs = 30_000;

/** Closes by lifetime that one turn of the event loop may start. */
const closesPerTick = 256;

interface Closing {
  readonly closeMs: number;
  readonly connection: Connection;
}

/** All connections of one process: starts them, counts what happens to them, closes them when their time is over. */
export class Population implements ConnectionOwner {
  readonly tally: RunningCounts = noCounts();
  readonly latencies = {
    connect: new Latencies(),
    greeting: new Latencies(),
    echo: new Latencies(),
    lag: new Latencies(),
  };
  /** Open connections that we haven't begun to close. */
  readonly usable: Connection[] = [];
  /** Close handshakes that we have begun and that aren't over. */
  readonly closing = new Set<Connection>();
  lastOpenedMs = 0;
  readonly #assignment: Assignment;
  readonly #dialer: Dialer;
  readonly #arrivals: Arrivals;
  readonly #traffic: Traffic | undefined;
  readonly #conversation: Conversation;
  /** Connections whose handshake, required greeting or opening is awaited. */
  readonly #waiting = new StartOrder<Connection>();
  readonly #lifetimes = new TinyQueue<Closing>([], (a, b) => a.closeMs - b.closeMs);
  #isStopped = false;
  #expectedGreeting: Buffer | undefined;

  constructor(
    assignment: Assignment,
    dialer: Dialer,
    arrivals: Arrivals,
    traffic: Traffic | undefined,
  ) {
    this.#assignment = assignment;
    this.#dialer = dialer;
    this.#arrivals = arrivals;
    this.#traffic = traffic;
    this.#conversation = new Conversation(assignment.conversation, this.tally);
    const { greeting } = assignment;
    this.#expectedGreeting = greeting.kind === 'text' ? Buffer.from(greeting.text) : undefined;
  }

  /** Tells whether all that was asked for has been begun. */
  hasBegunAll(nowMs: number): boolean {
    return this.#arrivals.isExhausted(nowMs);
  }

  /** Tells whether all that was asked for has been tried and has come out, greeting and opening included. */
  isRamped(nowMs: number): boolean {
    return this.hasBegunAll(nowMs) && this.#waiting.size === 0;
  }

  /** Tells whether nothing is to be started before a moment that is still to come. */
  isQuietUntil(untilMs: number): boolean {
    return this.#arrivals.isQuietUntil(untilMs);
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
    this.#cutUnanswered(nowMs);
    if (this.#isStopped) return;
    this.#closeOutlived(nowMs);
    this.#arrivals.advance(nowMs);
    this.#startDue(nowMs);
    this.#conversation.ping(nowMs, this.usable);
    if (this.#traffic !== undefined) {
      this.tally.messages_sent_total += this.#traffic.send(nowMs, this.usable, this.#takesMessages);
    }
    this.#noteArrivals();
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

  /** Begins the close handshake of a usable connection. */
  close(connection: Connection): void {
    this.#makeUnusable(connection);
    connection.isClosingByUs = true;
    connection.closingSinceMs = monotonicMs();
    this.closing.add(connection);
    connection.close();
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
    const { lifetime } = this.#assignment;
    if (lifetime === undefined) return;
    this.#lifetimes.push({ closeMs: nowMs + sampleLifetimeMs(lifetime, Math.random), connection });
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

  connectionClosed(connection: Connection): void {
    if (!connection.hasOpened) {
      this.#noteFailed(connection);
      return;
    }
    const { tally } = this;
    tally.connections--;
    tally.connections_closed_total++;
    this.closing.delete(connection);
    this.#makeUnusable(connection);
    this.#dialer.release(connection);
    this.#waiting.remove(connection);
    if (this.#isRequiredGreetingAwaited(connection)) {
      tally.greetings_awaited--;
      countError(tally, 'greeting_missing');
    }
    if (this.#conversation.forget(connection)) countError(tally, 'opening_incomplete');
    this.#traffic?.forget(connection);
    if (connection.isClosingByUs) {
      countError(tally, 'echo_missing', connection.awaitedAnswers);
    } else {
      tally.connections_lost_total++;
      countError(tally, connection.failure ?? 'lost');
      tally.echoes_abandoned_total += connection.awaitedAnswers;
    }
    this.#freePlace();
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

  /** Tells whether the connection has got and said all that comes first. */
  readonly #isReady = (connection: Connection): boolean =>
    !this.#isRequiredGreetingAwaited(connection) && !this.#conversation.isOpening(connection);

  readonly #takesMessages = (connection: Connection): boolean =>
    !this.#isRequiredGreetingAwaited(connection) && this.#conversation.isThrough(connection);

  #isRequiredGreetingAwaited(connection: Connection): boolean {
    return connection.isGreetingAwaited && this.#expectedGreeting !== undefined;
  }

  #leaveIfReady(connection: Connection): void {
    if (connection.isOrdered && this.#isReady(connection)) this.#waiting.remove(connection);
  }

  #noteFailed(connection: Connection): void {
    const { tally } = this;
    const failure = connection.failure ?? 'reset';
    this.#waiting.remove(connection);
    if (failure === 'local_address' && connection.retriesLeft > 0 && !this.#isStopped) {
      // Another program has this pair; it stays taken, and the same attempt goes on from the next one.
      this.#dial(connection.dueMs, monotonicMs(), connection.retriesLeft - 1, connection.index);
      return;
    }
    this.#dialer.release(connection);
    tally.connections_pending--;
    tally.connect_errors_total++;
    countError(tally, failure);
    this.#freePlace();
  }

  /** With a lifetime a closed connection makes room for another one; without, what is gone stays gone. */
  #freePlace(): void {
    if (this.#assignment.lifetime !== undefined) this.#arrivals.release(monotonicMs());
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
      if (oldest === undefined) return;
      if (nowMs - oldest.startedMs < this.#assignment.handshakeTimeoutMs) return;
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

  /** Cuts off the connections whose close was not answered; they stand in the order in which they were closed. */
  #cutUnanswered(nowMs: number): void {
    if (this.closing.size === 0) return;
    for (const connection of this.closing) {
      if (nowMs - connection.closingSinceMs < closeTimeoutMs) return;
      connection.terminate();
    }
  }

  #closeOutlived(nowMs: number): void {
    for (let closed = 0; closed < closesPerTick; closed++) {
      const next = this.#lifetimes.peek();
      if (next === undefined || next.closeMs > nowMs) return;
      this.#lifetimes.pop();
      if (next.connection.usableIndex >= 0) this.close(next.connection);
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
