import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classifyHandshakeError, classifyOpenError } from './classify-failure.js';

function errorOf(code: string | undefined): Error {
  return Object.assign(new Error('it failed'), code === undefined ? {} : { code });
}

describe('classifyHandshakeError()', () => {
  const cases = {
    ECONNREFUSED: 'refused',
    ECONNRESET: 'reset',
    ETIMEDOUT: 'timed_out',
    ENOTFOUND: 'unreachable',
    EADDRINUSE: 'local_address',
    EADDRNOTAVAIL: 'local_address',
    EMFILE: 'file_limit',
    HPE_INVALID_CONSTANT: 'protocol',
    WS_ERR_INVALID_OPCODE: 'protocol',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
    CERT_HAS_EXPIRED: 'tls',
    ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
    ERR_SSL_WRONG_VERSION_NUMBER: 'tls',
    EPERM: 'other',
  };
  for (const [code, failure] of Object.entries(cases)) {
    it(`counts ${code} as ${failure}`, () => {
      assert.equal(classifyHandshakeError(errorOf(code)), failure);
    });
  }

  it('counts what ws finds wrong in the response as protocol', () => {
    assert.equal(classifyHandshakeError(errorOf(undefined)), 'protocol');
  });
});

describe('classifyOpenError()', () => {
  it('tells broken frames from broken connections', () => {
    assert.equal(classifyOpenError(errorOf('WS_ERR_UNEXPECTED_MASK')), 'protocol');
    assert.equal(classifyOpenError(errorOf('ECONNRESET')), 'lost');
  });
});
