import type { Connection } from '../connection/connection.js';
import { Template } from '../connection/template.js';
import type { ConversationPlan } from '../plan/conversation.js';
import type { RunningCounts } from '../report/counts.js';

type Step =
  | { readonly kind: 'send'; readonly template: Template }
  | { readonly kind: 'send binary'; readonly data: Buffer }
  | { readonly kind: 'await'; readonly pattern: RegExp };

interface Answer {
  readonly pattern: RegExp;
  readonly template: Template;
}

/**
 * Sends what each connection has to say before it is ready, answers what has to be answered, and sends pings. Only
 * connections that wait for something in their opening take up room here.
 */
export class Conversation {
  readonly #counts: RunningCounts;
  readonly #steps: readonly Step[];
  readonly #answers: readonly Answer[];
  readonly #pingMs: number | undefined;
  /** The connections that wait, and for which step. */
  readonly #waiting = new Map<Connection, number>();
  /** The connections that have waited in vain and are still open. */
  readonly #incomplete = new Set<Connection>();
  #nextPing = 0;
  #pingedUntilMs: number | undefined;

  constructor(plan: ConversationPlan, counts: RunningCounts) {
    this.#counts = counts;
    this.#steps = plan.opening.map((step): Step => {
      switch (step.kind) {
        case 'send':
          return { kind: 'send', template: new Template(step.text) };
        case 'send binary':
          return { kind: 'send binary', data: Buffer.from(step.hex, 'hex') };
        case 'await':
          return { kind: 'await', pattern: new RegExp(step.pattern) };
      }
    });
    this.#answers = plan.replies.map(({ pattern, text }) => ({
      pattern: new RegExp(pattern),
      template: new Template(text),
    }));
    this.#pingMs = plan.pingMs;
  }

  /** Tells whether this connection is still in its opening. */
  isOpening(connection: Connection): boolean {
    return this.#waiting.size > 0 && this.#waiting.has(connection);
  }

  /** Tells whether this connection has finished its opening, so that other messages make sense. */
  isThrough(connection: Connection): boolean {
    return (
      !this.isOpening(connection) &&
      (this.#incomplete.size === 0 || !this.#incomplete.has(connection))
    );
  }

  /** Sends what comes first, once the connection has opened. */
  begin(connection: Connection): void {
    if (this.#steps.length > 0) this.#goOn(connection, 0);
  }

  /** Takes note of a message, whatever else it is. */
  hear(connection: Connection, data: Buffer, isBinary: boolean): void {
    if (this.#answers.length === 0 && this.#waiting.size === 0) return;
    const text = data.toString(isBinary ? 'latin1' : 'utf8');
    for (const { pattern, template } of this.#answers) {
      const found = pattern.exec(text);
      if (found === null) continue;
      const answer = template.render(connection.index);
      const filled = answer.replaceAll(/\$(\d)/g, (_, group: string) => found[Number(group)] ?? '');
      connection.send(Buffer.from(filled), false);
      this.#counts.replies_sent_total++;
      break;
    }
    const at = this.#waiting.get(connection);
    const step = at === undefined ? undefined : this.#steps[at];
    if (at === undefined || step?.kind !== 'await' || !step.pattern.test(text)) return;
    this.#waiting.delete(connection);
    this.#counts.openings_awaited--;
    this.#goOn(connection, at + 1);
  }

  /** Stops waiting for a connection that stays open; returns whether its opening was unfinished. */
  giveUp(connection: Connection): boolean {
    if (!this.#stopWaiting(connection)) return false;
    this.#incomplete.add(connection);
    return true;
  }

  /** The connection is gone; returns whether its opening was unfinished and not given up. */
  forget(connection: Connection): boolean {
    this.#incomplete.delete(connection);
    return this.#stopWaiting(connection);
  }

  get isPinging(): boolean {
    return this.#pingMs !== undefined;
  }

  /** Sends the pings that are due: each connection gets its turn once per interval, spread evenly over it. */
  ping(nowMs: number, usable: readonly Connection[]): void {
    if (this.#pingMs === undefined) return;
    this.#pingedUntilMs ??= nowMs;
    const perMs = usable.length / this.#pingMs;
    const due = Math.min(usable.length, Math.floor((nowMs - this.#pingedUntilMs) * perMs));
    if (usable.length === 0) this.#pingedUntilMs = nowMs;
    if (due === 0) return;
    this.#pingedUntilMs += due / perMs;
    for (let sent = 0; sent < due; sent++) {
      this.#nextPing = this.#nextPing + 1 < usable.length ? this.#nextPing + 1 : 0;
      usable[this.#nextPing]?.ping();
      this.#counts.pings_sent_total++;
    }
  }

  #stopWaiting(connection: Connection): boolean {
    if (this.#waiting.size === 0 || !this.#waiting.delete(connection)) return false;
    this.#counts.openings_awaited--;
    return true;
  }

  /** Sends up to the next step that waits. */
  #goOn(connection: Connection, from: number): void {
    for (const [at, step] of this.#steps.entries()) {
      if (at < from) continue;
      if (step.kind === 'await') {
        this.#waiting.set(connection, at);
        this.#counts.openings_awaited++;
        return;
      }
      const isBinary = step.kind === 'send binary';
      connection.send(
        isBinary ? step.data : Buffer.from(step.template.render(connection.index)),
        isBinary,
      );
      this.#counts.opening_messages_sent_total++;
    }
    this.#counts.openings_completed_total++;
  }
}
