/** Runs the steps of our GitHub action as a runner does, without one. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageFolder } from '../../program/package.js';

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

/** What the action has left. */
export interface ActionEnd {
  readonly isFailed: boolean;
  readonly outputs: Readonly<Record<string, string>>;
  /** The summary of the job, in Markdown. */
  readonly summary: string;
  /** What went to the log. */
  readonly log: string;
  /** The other actions that it has called, with what they were given. */
  readonly called: readonly Pick<Step, 'uses' | 'with'>[];
}

/** Reads action.yml. */
export function readAction(): Action {
  return parse(readFileSync(join(packageFolder, 'action.yml'), 'utf8')) as Action;
}

/**
 * Runs the action in a folder. After a step that has failed, only those run that say `always()`; other actions are noted, not run.
 * @param workspace folder of the user
 * @param given the inputs that the workflow sets
 * @param actionPath folder of the action
 */
export function runAction(
  workspace: string,
  given: Readonly<Record<string, string>>,
  actionPath = packageFolder,
): ActionEnd {
  const { inputs, outputs, runs } = readAction();
  const values = new Map(
    Object.entries(inputs).map(([name, input]) => [
      `inputs.${name}`,
      given[name] ?? input.default ?? '',
    ]),
  );
  const fill = (text: string): string =>
    text.replaceAll(/\$\{\{ ([\w.]+) \}\}/g, (_, name: string) => values.get(name) ?? '');
  const files = mkdtempSync(join(workspace, '.runner-'));
  const summary = join(files, 'summary.md');
  writeFileSync(summary, '');
  const temporary = join(files, 'temp');
  mkdirSync(temporary);
  let isFailed = false;
  let log = '';
  const called: Pick<Step, 'uses' | 'with'>[] = [];
  for (const [index, step] of runs.steps.entries()) {
    if (isFailed && step.if?.includes('always()') !== true) continue;
    if (step.uses !== undefined) {
      // The only condition that there is, besides always().
      const isWanted = values.get('steps.bench.outputs.folder') !== undefined;
      const { uses, with: words = {} } = step;
      const filled = Object.entries(words).map(([name, text]) => [name, fill(text)]);
      if (isWanted) called.push({ uses, with: Object.fromEntries(filled) as typeof words });
      continue;
    }
    const output = join(files, `output-${index}`);
    const script = join(files, `step-${index}.sh`);
    writeFileSync(output, '');
    writeFileSync(script, step.run ?? '');
    const env = Object.entries(step.env ?? {}).map(([name, text]) => [name, fill(text)]);
    // The words of `shell: bash`, as GitHub documents them.
    const words = ['--noprofile', '--norc', '-eo', 'pipefail', script];
    const ran = spawnSync('bash', words, {
      cwd: workspace,
      encoding: 'utf8',
      timeout: 300_000,
      env: {
        ...process.env,
        GITHUB_ACTION_PATH: actionPath,
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_OUTPUT: output,
        RUNNER_TEMP: temporary,
        ...(Object.fromEntries(env) as Record<string, string>),
      },
    });
    log += ran.stdout + ran.stderr;
    isFailed ||= ran.status !== 0;
    for (const line of readFileSync(output, 'utf8').split('\n')) {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (name !== undefined) values.set(`steps.${step.id ?? ''}.outputs.${name}`, value ?? '');
    }
  }
  return {
    isFailed,
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, { value }]) => [name, fill(value)]),
    ),
    summary: readFileSync(summary, 'utf8'),
    log,
    called,
  };
}
