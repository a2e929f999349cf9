/** What CI makes of `npm audit`, with an npm that says what a registry may say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { packageFolder } from '../../program/package.js';

/** Runs the audit with an npm that prints this and ends with this status. */
function audit(prints: object, status: number) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-npm-'));
  try {
    const npm = join(folder, 'npm');
    writeFileSync(npm, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(prints)}\nEND\nexit ${status}\n`);
    chmodSync(npm, 0o755);
    const environment = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    return spawnSync(join(packageFolder, '.ci', 'audit'), { env: environment, encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('.ci/audit', () => {
  it('passes where nothing is known', () => {
    const { status, stdout } = audit({ auditReportVersion: 2, vulnerabilities: {} }, 0);
    assert.deepEqual([status, stdout], [0, 'npm audit: no known vulnerabilities\n']);
  });

  it('fails where something is, and shows it', () => {
    const vulnerabilities = { ws: { severity: 'high' } };
    const { status, stdout, stderr } = audit({ auditReportVersion: 2, vulnerabilities }, 1);
    assert.equal(status, 1);
    assert.match(stdout, /"ws":\{"severity":"high"\}/);
    assert.match(stderr, /^npm audit: a dependency has known vulnerabilities/);
  });

  it('says that it has not audited where the registry does not answer', () => {
    const { status, stdout } = audit({ message: '405 Method Not Allowed' }, 1);
    assert.deepEqual(
      [status, stdout],
      [0, 'npm audit: NOT audited, the registry does not answer\n'],
    );
  });
});
