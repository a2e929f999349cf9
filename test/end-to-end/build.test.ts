/** Runs build.js on a small project of its own, and, beside a bench that goes on, on this clone. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { collectOutput, type ProgramOutput } from '../../program/collect-output.js';
import { packageFolder } from '../../program/package.js';
import { createResultsFolder, endlessHold, startBench, untilPhase } from './bench-process.js';
import { until } from './program.js';

const isClone = existsSync(join(packageFolder, 'build.js'));
let project: string;

/** What the program of the project does: it loads its answer late, when other commands have been at work. */
const program = `
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const [flag] = process.argv.slice(2);
if (flag !== undefined) {
  console.log('started');
  while (!existsSync(flag)) await sleep(20);
}
const { answer } = await import('./answer.js');
console.log(answer);
`;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tidemark-build-'));
  cpSync(join(packageFolder, 'build.js'), join(project, 'build.js'));
  symlinkSync(join(packageFolder, 'node_modules'), join(project, 'node_modules'));
  const options = {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023'],
    types: ['node'],
    // To check the types of Node takes four times as long as all else.
    skipLibCheck: true,
    rootDir: '.',
    strict: true,
  };
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['*.ts'] }),
  );
  mkdirSync(join(project, 'bench', 'report', 'page'), { recursive: true });
  writeFileSync(
    join(project, 'bench', 'report', 'page', 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.json',
      compilerOptions: { rootDir: '../../..' },
      include: ['*.ts'],
    }),
  );
  writeFileSync(join(project, 'bench', 'report', 'page', 'page.ts'), 'export const page = 1;');
  writeFileSync(join(project, 'program.ts'), program);
  writeAnswer('one');
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

function writeAnswer(answer: string): void {
  writeFileSync(join(project, 'answer.ts'), `export const answer: string = '${answer}';`);
}

function start(
  environment: NodeJS.ProcessEnv,
  ...words: readonly string[]
): {
  readonly child: ChildProcess;
  ended: Promise<ProgramOutput>;
} {
  const child = spawn(process.execPath, ['build.js', ...words], {
    cwd: project,
    // Within a test, a further runner would report to the outer one.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, INIT_CWD: undefined, ...environment },
  });
  return { child, ended: collectOutput(child) };
}

const run = (...words: readonly string[]): Promise<ProgramOutput> => start({}, ...words).ended;
const listBuilds = (): string[] => readdirSync(join(project, '.builds'));

describe('build.js', { skip: isClone ? false : 'this is no clone' }, () => {
  it('builds once, and again only when a source has changed', async () => {
    assert.deepEqual(await run('run', 'program'), { status: 0, stdout: 'one\n', stderr: '' });
    const [build = ''] = listBuilds();
    const output = join(project, '.builds', build, 'program.js');
    const { mtimeMs } = statSync(output);

    assert.equal((await run('run', 'program')).stdout, 'one\n');
    assert.deepEqual(listBuilds(), [build]);
    assert.equal(statSync(output).mtimeMs, mtimeMs);

    writeAnswer('two');
    assert.equal((await run('run', 'program')).stdout, 'two\n');
  });

  it('leaves a program its own build while another is made', async () => {
    const flag = join(project, 'go-on');
    const { child, ended } = start({}, 'run', 'program', flag);
    assert.ok(child.stdout !== null);
    await once(child.stdout, 'data');
    writeAnswer('two');
    assert.equal((await run('run', 'program')).stdout, 'two\n');
    writeFileSync(flag, '');
    assert.deepEqual(await ended, { status: 0, stdout: 'started\none\n', stderr: '' });
  });

  it('ends with the exit status of the program, also one that is set while it loads', async () => {
    writeFileSync(join(project, 'program.ts'), 'await Promise.resolve();\nprocess.exitCode = 3;\n');
    assert.equal((await run('run', 'program')).status, 3);
    writeFileSync(join(project, 'program.ts'), 'process.exitCode = 0;\n');
    assert.equal((await run('run', 'program')).status, 0);
  });

  it('runs a program in the folder that npm was called from', async () => {
    writeFileSync(join(project, 'answer.ts'), 'export const answer = process.cwd();');
    const folder = mkdtempSync(join(project, 'called-from-'));
    const ended = start({ INIT_CWD: folder }, 'run', 'program').ended;
    assert.equal((await ended).stdout, `${folder}\n`);
  });

  it('lets commands begin at once, none of which sees half a build', async () => {
    const ends = await Promise.all([1, 2, 3].map(() => run('run', 'program')));
    for (const end of ends) assert.deepEqual(end, { status: 0, stdout: 'one\n', stderr: '' });
    assert.equal(listBuilds().length, 1);
  });

  it('says when the sources do not compile, and leaves nothing', async () => {
    writeFileSync(join(project, 'answer.ts'), "export const answer: number = 'three';");
    const { status, stderr } = await run('run', 'program');
    assert.equal(status, 1);
    assert.match(stderr, /answer\.ts.*error TS2322[^]*tidemark: The sources do not compile/);
    assert.deepEqual(listBuilds(), []);
  });

  it('runs no test whose source is gone', async () => {
    const source = (name: string): string =>
      `import { it } from 'node:test'; it('${name}', () => undefined);`;
    writeFileSync(join(project, 'kept.test.ts'), source('stays'));
    writeFileSync(join(project, 'old.test.ts'), source('is deleted'));
    assert.match((await run('test')).stdout, /is deleted/);
    rmSync(join(project, 'old.test.ts'));
    const { status, stdout } = await run('test');
    assert.equal(status, 0);
    assert.match(stdout, /stays/);
    assert.doesNotMatch(stdout, /is deleted/);
  });

  it('packs neither tests nor fixtures nor maps', async () => {
    writeFileSync(join(project, 'one.test.ts'), 'export {};');
    writeFileSync(join(project, 'two.fixture.ts'), 'export {};');
    assert.equal((await run('package')).status, 0);
    assert.deepEqual(readdirSync(join(project, 'dist')).sort(), [
      'answer.js',
      'bench',
      'program.js',
    ]);
  });

  it('removes builds that nobody uses any more', async () => {
    await run('build');
    const [first = ''] = listBuilds();
    utimesSync(join(project, '.builds', first), 0, 0);
    writeAnswer('two');
    await run('build');
    assert.equal(listBuilds().length, 1);
    assert.equal(existsSync(join(project, '.builds', first)), false);
    assert.equal((await run('run', 'program')).stdout, 'two\n');
  });
});

describe('commands of this clone', { skip: isClone ? false : 'this is no clone' }, () => {
  const results = createResultsFolder();
  after(results.remove);

  it('leave a bench that runs unharmed', async () => {
    const bench = startBench(results.path, ...endlessHold);
    await untilPhase(bench, 1, 'hold');
    for (const [script, words] of [
      ['server', ['--help']],
      ['tidemark', ['compare', '--help']],
      ['build', []],
    ] as const) {
      const child = spawn('npm', ['run', '-s', script, '--', ...words], { cwd: packageFolder });
      assert.equal((await collectOutput(child)).status, 0, script);
    }
    const before = bench.samples().length;
    await until(() => bench.samples().length > before + 3);
    const { exitStatus, stderr } = await bench.program.stop();
    assert.equal(exitStatus, 1);
    assert.match(stderr, /^tidemark: Interrupted by SIGTERM in wave 1, hold/m);
  });
});
