import type { HttpRequest, HttpResponse } from 'uWebSockets.js';

/** The protocol version that RFC 6455 defines. */
const supportedVersion = '13';

/** The header Connection lists tokens, one of which has to be this. */
const connectionUpgrade = /(^|[\s,])upgrade([\s,]|$)/i;

/** 16 bytes in base64 (RFC 6455, section 4.1). */
const wholeKey = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** Why a handshake, or a request that is none, is refused. */
export type Refusal = 'full' | 'address' | 'version' | 'origin' | 'incomplete';

const answers: Readonly<Record<Refusal, { readonly status: string; readonly body: string }>> = {
  full: { status: '503 Service Unavailable', body: 'The server is full' },
  address: { status: '429 Too Many Requests', body: 'This address has too many connections' },
  // RFC 6455, section 4.4.
  version: {
    status: '426 Upgrade Required',
    body: 'This is a WebSocket server: connect with a WebSocket client',
  },
  origin: { status: '403 Forbidden', body: 'Pages of this origin may not connect' },
  incomplete: { status: '400 Bad Request', body: 'This is not a WebSocket handshake' },
};

/**
 * Says what is wrong with a request that uWebSockets.js takes for a handshake, as it does with anything that has a key; RFC 6455,
 * section 4.2.1, requires more. Undefined if nothing is.
 * @param request that came
 * @param allowedOrigins of web pages that may connect; undefined for all
 */
export function findRefusal(
  request: HttpRequest,
  allowedOrigins: readonly string[] | undefined,
): Refusal | undefined {
  if (
    request.getHeader('sec-websocket-version') !== supportedVersion ||
    request.getHeader('upgrade').toLowerCase() !== 'websocket'
  ) {
    return 'version';
  }
  if (allowedOrigins !== undefined && !isAllowed(request.getHeader('origin'), allowedOrigins)) {
    return 'origin';
  }
  const isComplete =
    connectionUpgrade.test(request.getHeader('connection')) &&
    wholeKey.test(request.getHeader('sec-websocket-key'));
  return isComplete ? undefined : 'incomplete';
}

/** Answers a request that is refused, and closes its socket. */
export function refuse(response: HttpResponse, refusal: Refusal): void {
  const { status, body } = answers[refusal];
  response.writeStatus(status);
  if (refusal === 'version') {
    response.writeHeader('Upgrade', 'websocket');
    response.writeHeader('Sec-WebSocket-Version', supportedVersion);
  }
  response.writeHeader('Content-Type', 'text/plain; charset=utf-8').end(`${body}\n`, true);
}

/** Only web pages send an origin; where that is hidden, it is `null`. */
function isAllowed(origin: string, allowed: readonly string[]): boolean {
  return origin === '' || allowed.includes(origin.toLowerCase());
}
