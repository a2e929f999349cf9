import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import type { UWebSockets } from './native-binding.js';

/** Where a worker listens, and how many sockets it can have. */
export interface ListenerSetting {
  readonly host: string;
  readonly port: number;
  /** Sockets of all kinds that may be open at once. */
  readonly mostSockets: number;
}

/** How soon a closed listener looks for room again. */
const retryMs = 200;

/**
 * Listens as long as there is room for another socket. A server that accepts until it reaches the open-file limit spins, because
 * what waits to be accepted stays ready (uNetworking/uWebSockets#201), and has no descriptor left for anything else. So the
 * listener is closed before that, and opened again when sockets have gone. Meanwhile the kernel refuses clients, or the
 * other workers serve them.
 */
export class GuardedListener {
  readonly #app: TemplatedApp;
  readonly #uws: UWebSockets;
  readonly #setting: ListenerSetting;
  #listening: us_listen_socket | undefined;
  #sockets = 0;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(app: TemplatedApp, uws: UWebSockets, setting: ListenerSetting) {
    this.#app = app;
    this.#uws = uws;
    this.#setting = setting;
  }

  /** Listens, sharing the port with the other workers (SO_REUSEPORT); resolves to whether it could. */
  listen(): Promise<boolean> {
    const { host, port } = this.#setting;
    return new Promise((resolve) => {
      this.#app.listen(host, port, (socket) => {
        this.#listening = socket === false ? undefined : socket;
        resolve(socket !== false);
      });
    });
  }

  /** Takes note of how many sockets have come, or gone if the number is negative. */
  count(change: number): void {
    this.#sockets += change;
    if (this.#listening !== undefined && this.#sockets >= this.#setting.mostSockets) this.#pause();
  }

  /** Stops listening. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#retry);
    this.#stopListening();
  }

  #pause(): void {
    this.#stopListening();
    this.#retry ??= setInterval(() => {
      if (this.#sockets >= this.#setting.mostSockets) return;
      clearInterval(this.#retry);
      this.#retry = undefined;
      void this.listen().then((couldListen) => {
        // Another program has the port: try again.
        if (!couldListen && !this.#isClosed) this.#pause();
      });
    }, retryMs);
  }

  #stopListening(): void {
    if (this.#listening !== undefined) this.#uws.us_listen_socket_close(this.#listening);
    this.#listening = undefined;
  }
}
