import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { messageOf, RunError } from '../program/failure.js';
import type { TlsReloadCounts } from './documents.js';
import { checkTlsFiles, type TlsFiles } from './tls-files.js';

/** How often the files are looked at, in milliseconds. A change is taken up when it has lasted from one look to the next. */
const lookMs = 1000;

/** What a renewal is told of, and asks for. */
export interface TlsRenewalListener {
  /** Has all workers take up the files; rejects with a {@link RunError} if one can't. */
  readonly renew: () => Promise<void>;
  /** Describes the certificate that new connections get now. */
  readonly renewed: (description: string) => void;
  readonly failed: (message: string) => void;
}

/**
 * Takes up certificate and key again: when it is told to, and when their files change, also by a rename, or a symbolic link on the way
 * that leads elsewhere. What can't be used is left alone, is said once, and is tried again when the files change again.
 */
export class TlsRenewal {
  readonly #files: TlsFiles;
  readonly #listener: TlsRenewalListener;
  readonly #change: SettledChange;
  #looks: NodeJS.Timeout | undefined;
  #last = Promise.resolve();
  #reloadsTotal = 0;
  #failuresTotal = 0;

  constructor(files: TlsFiles, listener: TlsRenewalListener) {
    this.#files = files;
    this.#listener = listener;
    this.#change = new SettledChange(fingerprint(files));
  }

  get counts(): TlsReloadCounts {
    return {
      tls_reloads_total: this.#reloadsTotal,
      tls_reload_failures_total: this.#failuresTotal,
    };
  }

  /** Looks at the files from now on. */
  watch(): void {
    this.#looks = setInterval(() => {
      if (this.#change.see(fingerprint(this.#files))) this.renew();
    }, lookMs).unref();
  }

  stop(): void {
    clearInterval(this.#looks);
  }

  /** Takes up the files, after whatever renewal is under way. */
  renew(): void {
    this.#change.take(fingerprint(this.#files));
    this.#last = this.#last.then(() => this.#renewNow());
  }

  async #renewNow(): Promise<void> {
    try {
      checkTlsFiles(this.#files);
      await this.#listener.renew();
      this.#reloadsTotal++;
      this.#listener.renewed(describeCertificate(this.#files.certFile));
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      this.#failuresTotal++;
      this.#listener.failed(`${messageOf(error)}; new connections get the certificate from before`);
    }
  }
}

/** Notices that something has changed, once it has stopped changing. */
export class SettledChange {
  #taken: string;
  #seen: string;

  /** @param state what it is now */
  constructor(state: string) {
    this.#taken = state;
    this.#seen = state;
  }

  /** Returns whether it differs from what was taken last, and was the same at the look before. */
  see(state: string): boolean {
    const isSettled = state === this.#seen && state !== this.#taken;
    this.#seen = state;
    return isSettled;
  }

  /** Takes a state as the one to compare with. */
  take(state: string): void {
    this.#taken = state;
  }
}

/** Tells one state of the files from another, through symbolic links. */
function fingerprint({ certFile, keyFile }: TlsFiles): string {
  return [certFile, keyFile].map(fingerprintOfFile).join(' ');
}

function fingerprintOfFile(file: string): string {
  try {
    const { dev, ino, size, mtimeMs } = statSync(file);
    return [dev, ino, size, mtimeMs].join(':');
  } catch (error) {
    return messageOf(error);
  }
}

function describeCertificate(file: string): string {
  try {
    const { serialNumber, validTo } = new X509Certificate(readFileSync(file));
    return `serial number ${serialNumber}, valid until ${validTo}`;
  } catch (error) {
    // It is gone again since it was taken up.
    return messageOf(error);
  }
}
