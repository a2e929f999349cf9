import { errorCodeOf, messageOf } from '../../program/failure.js';
import { foreignText } from '../../program/foreign-text.js';
import type { FailureCode } from '../report/failure-codes.js';

const byErrorCode: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timed_out',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EADDRINUSE: 'local_address',
  EADDRNOTAVAIL: 'local_address',
  EMFILE: 'file_limit',
  ENFILE: 'file_limit',
  EPROTO: 'tls',
  HOSTNAME_MISMATCH: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
};

/** Codes of Node's TLS layer and OpenSSL's certificate checks (`X509_V_ERR_…`), which Node reports by name. */
const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|INVALID_CA|PATH_LENGTH_EXCEEDED)/;

/** Codes of the HTTP parser and of `ws` for what breaks RFC 9112 and RFC 6455. */
const protocolCode = /^(HPE_|WS_ERR_)/;

/** Codes of `ws` for messages that are too long, or in too many pieces. */
const tooLargeCode =
  /^WS_ERR_(UNSUPPORTED_MESSAGE_LENGTH|UNSUPPORTED_DATA_PAYLOAD_LENGTH|TOO_MANY_BUFFERED_PARTS)$/;

/** Returns under which code an error during the handshake is counted. */
export function classifyHandshakeError(error: unknown): FailureCode {
  const code = errorCodeOf(error);
  // `ws` gives no code to what it finds wrong in the handshake response, and only to that.
  if (code === undefined || protocolCode.test(code)) return 'protocol';
  if (tlsCode.test(code)) return 'tls';
  return byErrorCode[code] ?? 'other';
}

/** Returns under which code an error of an open connection is counted. */
export function classifyOpenError(error: unknown): FailureCode {
  const code = errorCodeOf(error);
  if (code !== undefined && tooLargeCode.test(code)) return 'message_too_large';
  return code !== undefined && protocolCode.test(code) ? 'protocol' : 'lost';
}

/** Longest part of an error's message that is told. */
const longestMessage = 120;

/** Says more of an error than its code does, where there is more to say: of a certificate that was refused, why. */
export function describeError(failure: FailureCode, error: unknown): string | undefined {
  if (failure !== 'tls' && failure !== 'other') return undefined;
  const code = errorCodeOf(error);
  const message = foreignText(messageOf(error), longestMessage);
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}
