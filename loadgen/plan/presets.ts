import type { OpeningStep, Reply } from './conversation.js';

/** How a client of a protocol over WebSocket begins, and what it has to answer to stay connected. */
export interface Preset {
  /** Path and query for a URL that has none. */
  readonly path?: string;
  readonly query?: string;
  /** Offered unless `--subprotocol` names others. */
  readonly subprotocols: readonly string[];
  readonly opening: readonly OpeningStep[];
  readonly replies: readonly Reply[];
  /** Where this is specified. */
  readonly source: string;
}

/** Engine.IO, protocol 4: packet types are digits; 0 opens, 2 is the server's ping, 3 our pong. */
const engineIo: Preset = {
  path: '/engine.io/',
  query: 'EIO=4&transport=websocket',
  subprotocols: [],
  opening: [{ kind: 'await', pattern: '^0\\{' }],
  replies: [{ pattern: '^2$', text: '3' }],
  source: 'https://socket.io/docs/v4/engine-io-protocol/',
};

/** The openings of well-known protocols, as data. */
export const presets = {
  'engine.io': engineIo,
  'socket.io': {
    ...engineIo,
    path: '/socket.io/',
    // Type 4 of Engine.IO is a message; 0 of Socket.IO, protocol 5, connects to the main namespace.
    opening: [...engineIo.opening, { kind: 'send', text: '40' }, { kind: 'await', pattern: '^40' }],
    source: 'https://socket.io/docs/v4/socket-io-protocol/',
  },
  'graphql-ws': {
    subprotocols: ['graphql-transport-ws'],
    opening: [
      { kind: 'send', text: '{"type":"connection_init"}' },
      { kind: 'await', pattern: '"type"\\s*:\\s*"connection_ack"' },
    ],
    replies: [{ pattern: '"type"\\s*:\\s*"ping"', text: '{"type":"pong"}' }],
    source: 'https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md',
  },
  mqtt: {
    subprotocols: ['mqtt'],
    opening: [
      // CONNECT of MQTT 3.1.1: clean session, no keep-alive, an empty client identifier, so that the server makes one.
      { kind: 'send binary', hex: '100c00044d5154540402' + '0000' + '0000' },
      // CONNACK with return code 0.
      { kind: 'await', pattern: '^ \\x02[\\0\\x01]\\0$' },
    ],
    replies: [],
    source: 'https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html',
  },
  stomp: {
    subprotocols: ['v12.stomp', 'v11.stomp', 'v10.stomp'],
    opening: [
      {
        kind: 'send',
        text: 'CONNECT\naccept-version:1.0,1.1,1.2\nhost:localhost\nheart-beat:0,0\n\n\0',
      },
      { kind: 'await', pattern: '^CONNECTED\\r?\\n' },
    ],
    replies: [],
    source: 'https://stomp.github.io/stomp-specification-1.2.html',
  },
} as const satisfies Readonly<Record<string, Preset>>;

/** A key of {@link presets}. */
export type PresetName = keyof typeof presets;

/** Returns the address, with the path and the query of a preset where it has none. */
export function withPresetPath(url: string, name: PresetName | undefined): string {
  const { path, query }: Partial<Preset> = name === undefined ? {} : presets[name];
  if (path === undefined || query === undefined) return url;
  const [address = url, ownQuery] = url.split('?', 2);
  const hasPath = /:\/\/[^/]+\/./.test(address);
  const completed = hasPath ? address : `${address.replace(/\/$/, '')}${path}`;
  return `${completed}?${ownQuery ?? query}`;
}
