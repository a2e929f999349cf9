import type { HandshakeDemand } from './handshake.js';

/** Where connections go, with the host name resolved. */
export interface DialTarget extends HandshakeDemand {
  /** IP address of the URL's host: looked up once, not once per connection. */
  readonly address: string;
  readonly port: number;
  /** Whether certificates that can't be verified are accepted. */
  readonly isInsecure: boolean;
  /** Certificates (PEM) that are trusted besides the well-known ones. */
  readonly ca?: string | undefined;
  /** Whether connections may be ended by a reset. */
  readonly canReset: boolean;
}

/** How connections are spread over several targets: one each in turn, or all of one before those of the next. */
export const spreads = ['even', 'in-turn'] as const;

/** Where the connections of a run go. */
export interface Route {
  /** One or more. */
  readonly targets: readonly [DialTarget, ...DialTarget[]];
  readonly spread: (typeof spreads)[number];
  /** Connections of the whole run that are open at once, of which each target gets an equal part. */
  readonly connections: number;
}

/** Returns which target the connection of this number goes to. */
export function targetIndexOf({ targets, spread, connections }: Route, index: number): number {
  const count = targets.length;
  if (spread === 'even' || count === 1) return index % count;
  return Math.floor(((index % connections) * count) / connections);
}
