/** What our programs really write is what the schemas in the package say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { packageFolder } from '../../program/package.js';
import { createResultsFolder, quickRun, startBench } from './bench-process.js';
import { runProgram } from './program.js';
import { startServer } from './server-process.js';

const results = createResultsFolder();
after(results.remove);

const ajv = new Ajv({ strictTypes: false, allErrors: true });

/** Fails, with all that is wrong, unless a document is what its schema says. */
function assertFits(schema: string, document: unknown): void {
  const text = readFileSync(join(packageFolder, 'schema', `${schema}.schema.json`), 'utf8');
  const validate = ajv.compile(JSON.parse(text) as object);
  assert.ok(validate(document), `${schema}: ${ajv.errorsText(validate.errors)}`);
}

describe('the documents of our programs', () => {
  it('of a run of the bench fit their schemas', async () => {
    const run = startBench(results.path, ...quickRun, '--waves=4', '--interval=100ms');
    assert.equal((await run.program.exit).exitStatus, 0);
    assertFits('summary', run.summary());
    const environment = readFileSync(join(run.folder, 'environment.json'), 'utf8');
    assertFits('environment', JSON.parse(environment));
    const spoilt = { ...run.summary(), connections: 'many' };
    assert.throws(() => {
      assertFits('summary', spoilt);
    }, /connections must be number/);
  });

  it('of a run that failed fit them too', async () => {
    const folder = join(results.path, 'failed');
    await runProgram('bench', `--out=${folder}`, '--exec=exit 7', '--url=ws://127.0.0.1:1');
    assertFits('summary', JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')));
  });

  it('of the load generator and the server fit their schemas', async () => {
    const server = await startServer();
    const load = ['--connections=50', '--rate=200', '--hold=1s', '--report-interval=100ms'];
    const end = await runProgram('loadgen', server.url, ...load, '--json-lines', '--quiet');
    assert.equal(end.exitStatus, 0, end.stderr);
    const kinds = new Set<unknown>();
    for (const line of end.lines) {
      const document = JSON.parse(line) as { readonly kind: unknown };
      assertFits('report-line', document);
      kinds.add(document.kind);
    }
    assert.deepEqual([...kinds], ['started', 'phase', 'progress', 'summary']);
    assertFits('server-stats', await server.stats());
  });
});
