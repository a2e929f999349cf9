import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { handOver } from './handover.js';
import type { UWebSockets } from './native-binding.js';

/** Where a worker listens, and how many sockets it can have. */
export interface ListenerSetting {
  readonly host: string;
  /** One or more. */
  readonly ports: readonly number[];
  /** Sockets of all kinds that may be open at once. */
  readonly mostSockets: number;
}

/** How soon a closed listener looks for room again. */
const retryMs = 200;

/**
 * Sockets that may have been accepted and not yet been counted, where one app hands them over to another: the kernel's queue has up to
 * 512 (uSockets, `bsd_create_listen_socket()`), and some more come while it is emptied.
 */
const mostUncounted = 1024;

/**
 * Listens as long as there is room for another socket. A server that accepts until it reaches the open-file limit spins, because
 * what waits to be accepted stays ready (uNetworking/uWebSockets#201), and has no descriptor left for anything else. So the
 * listener is closed before that, and opened again when sockets have gone. Meanwhile the kernel refuses clients, or the
 * other workers serve them.
 */
export class GuardedListener {
  readonly #uws: UWebSockets;
  readonly #setting: ListenerSetting;
  /** The app that serves what comes now. */
  #serving: TemplatedApp;
  /** The app that listens: the same, or one that hands over what it accepts. */
  #accepting: TemplatedApp;
  /** Its sockets, one for each port; empty while it does not listen. */
  #listening: readonly us_listen_socket[] = [];
  #sockets = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(app: TemplatedApp, uws: UWebSockets, setting: ListenerSetting) {
    this.#serving = app;
    this.#accepting = app;
    this.#uws = uws;
    this.#setting = setting;
  }

  /** Listens at all ports, sharing them with other workers (SO_REUSEPORT); returns whether it could. */
  listen(): boolean {
    const { host, ports } = this.#setting;
    const sockets: us_listen_socket[] = [];
    for (const port of ports) {
      // uWebSockets.js calls back at once.
      this.#serving.listen(host, port, (socket) => {
        if (socket !== false) sockets.push(socket);
      });
    }
    if (sockets.length < ports.length) {
      this.#closeAll(sockets);
      return false;
    }
    this.#accepting = this.#serving;
    this.#listening = sockets;
    return true;
  }

  /**
   * Has another app serve what comes from now on; the sockets of the one before stay. No client that the kernel has queued is lost,
   * unless the open-file limit is near.
   */
  serveWith(app: TemplatedApp): void {
    const before = this.#serving === this.#accepting ? undefined : this.#serving;
    this.#serving = app;
    // While it does not listen, the next listener is the app's own.
    if (this.#listening.length === 0) return;
    const isHandedOver = handOver(this.#accepting, app, before);
    if (!isHandedOver || !this.#hasRoomForUncounted()) this.#listenByItself();
  }

  /** Takes note of how many sockets have come, or gone if the number is negative. */
  count(change: number): void {
    this.#sockets += change;
    if (this.#listening.length === 0) return;
    if (this.#sockets >= this.#setting.mostSockets) this.#pause();
    else if (this.#serving !== this.#accepting && !this.#hasRoomForUncounted()) {
      this.#listenByItself();
    }
  }

  /** Stops listening. */
  close(): void {
    clearInterval(this.#retry);
    this.#stopListening();
  }

  #hasRoomForUncounted(): boolean {
    return this.#sockets < this.#setting.mostSockets - mostUncounted;
  }

  /**
   * Has the app that serves listen itself, so that each socket is counted as it is accepted. Who waits in the kernel's queue
   * of the listener before, some hundreds at most, is reset.
   */
  #listenByItself(): void {
    const before = this.#listening;
    // The kernel lets both listen: there is no moment without one.
    if (this.listen()) this.#closeAll(before);
  }

  #pause(): void {
    this.#stopListening();
    this.#retry ??= setInterval(() => {
      if (this.#sockets >= this.#setting.mostSockets) return;
      clearInterval(this.#retry);
      this.#retry = undefined;
      // Another program has the port: try again.
      if (!this.listen()) this.#pause();
    }, retryMs);
  }

  #stopListening(): void {
    this.#closeAll(this.#listening);
    this.#listening = [];
  }

  #closeAll(sockets: readonly us_listen_socket[]): void {
    for (const socket of sockets) this.#uws.us_listen_socket_close(socket);
  }
}
