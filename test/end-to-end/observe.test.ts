import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { createResultsFolder, endlessHold, startBench } from './bench-process.js';
import { isMissing, startProgram, until } from './program.js';
import { startServer } from './server-process.js';
import { packageFolder } from '../../program/package.js';

const results = createResultsFolder();
after(results.remove);

const docker = join(packageFolder, 'docker');
const listenAddress = '127.0.0.1:19090';

interface PrometheusConfig {
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly dns_sd_configs: readonly unknown[];
  }[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

/** The configuration of the stack, with addresses of this machine in place of those that Docker's DNS tells. */
function writeLocalConfig(targets: Readonly<Record<string, string>>): string {
  const config = parse(readFileSync(join(docker, 'prometheus.yaml'), 'utf8')) as PrometheusConfig;
  const local = config.scrape_configs.map(({ dns_sd_configs, ...job }) => {
    assert.equal(dns_sd_configs.length, 1);
    const target = targets[job.job_name];
    assert.ok(target, `the test has no target for the job ${job.job_name}`);
    return { ...job, static_configs: [{ targets: [target] }] };
  });
  const file = join(results.path, 'prometheus.yaml');
  writeFileSync(file, stringify({ ...config, scrape_configs: local }));
  return file;
}

async function query(expression: string): Promise<readonly unknown[]> {
  const url = `http://${listenAddress}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const answer = (await (await fetch(url)).json()) as {
    readonly status: string;
    readonly data: { readonly result: readonly unknown[] };
  };
  assert.equal(answer.status, 'success', expression);
  return answer.data.result;
}

async function isUp(): Promise<boolean> {
  try {
    return (await query('up == 1')).length === 2;
  } catch {
    // It is still starting.
    return false;
  }
}

describe('the profile observe', () => {
  it('has a valid configuration, and data for each query of its dashboard', async (t) => {
    if (isMissing(t, 'Prometheus (Debian: prometheus)', 'prometheus', '--version')) return;
    const server = await startServer();
    const waiting = startProgram(['loadgen', '--stand-by', '--admin-port=0', '--json']);
    const { url } = (await waiting.nextJsonLine()) as { readonly url: string };
    const config = writeLocalConfig({
      server: new URL(server.document.admin_url).host,
      loadgen: new URL(url).host,
    });
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(results.path, 'tsdb')}`,
        `--web.listen-address=${listenAddress}`,
      ],
      { stdio: 'ignore' },
    );
    t.after(() => prometheus.kill());
    const bench = startBench(
      results.path,
      ...endlessHold,
      '--pid=auto',
      `--url=${server.url}`,
      `--generators=${url}`,
    );
    await until(async () => (await server.stats()).connections === 200);
    await until(isUp);
    const dashboard = JSON.parse(
      readFileSync(join(docker, 'grafana', 'tidemark.json'), 'utf8'),
    ) as Dashboard;
    for (const { title, targets } of dashboard.panels) {
      // A rate needs two scrapes, which come a second apart.
      for (const { expr } of targets) {
        await until(async () => (await query(expr)).length > 0).catch((error: unknown) => {
          throw new Error(`"${title}" has no data for ${expr}`, { cause: error });
        });
      }
    }
    await until(async () => (await query('tidemark_server_connections == 200')).length === 1);
    await until(async () => (await query('tidemark_loadgen_connections == 200')).length === 1);
    bench.program.child.kill('SIGINT');
    assert.equal((await bench.program.exit).exitStatus, 1);
    await waiting.stop();
    await server.program.stop();
  });
});
