/**
 * Everything that can go wrong with a connection, by the stable code under which it is counted.
 * The order is that of the report.
 */
export const failureCodes = {
  refused: 'The server refused the TCP connection (ECONNREFUSED)',
  reset: 'The connection was reset or closed before the handshake was done',
  timed_out: 'The handshake, or the greeting after it, did not come in time',
  rejected: 'The server answered the handshake with a status other than 101',
  protocol: 'The server broke the WebSocket protocol (RFC 6455)',
  tls: 'The TLS handshake failed',
  unreachable: 'The host could not be reached or its name not be found',
  local_address: 'No local address and port was free (EADDRINUSE, EADDRNOTAVAIL)',
  file_limit: 'The open-file limit of the generator was reached (EMFILE, ENFILE)',
  greeting_wrong: 'The first message was not the greeting that was expected',
  greeting_unexpected: 'A first message came that is no echo, though there was to be no greeting',
  greeting_missing: 'The connection was open, but no greeting came before it closed',
  opening_incomplete:
    'The connection was open, but what --await or the preset waits for did not come in time',
  echo_missing: 'No answer to a message had come when its connection was closed',
  echo_wrong: 'An echo differed from what had been sent',
  message_too_large: 'A message was longer than --max-message, or in too many fragments',
  unsent_too_large:
    'The server left more than --max-unsent unread of what the connection sent, pongs included',
  memory_exceeded:
    'All connections of a process together kept more than --max-buffered, and this one took more',
  lost: 'The server closed the open connection, or it broke',
  other: 'Another error of the operating system',
} as const satisfies Readonly<Record<string, string>>;

/** A stable code of {@link failureCodes}. */
export type FailureCode = keyof typeof failureCodes;
