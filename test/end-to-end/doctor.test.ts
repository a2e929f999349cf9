/** `tidemark doctor` on this machine, and under limits that are set for it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import type { Examination } from '../../bench/doctor/examination.js';
import type { Finding } from '../../bench/doctor/checks/finding.js';
import { createMemoryGroup } from './memory-group.js';
import { isMissing, programPath } from './program.js';

interface DoctorEnd {
  readonly exitStatus: number | null;
  readonly stderr: string;
  readonly examination: Examination;
  readonly find: (limit: string) => Finding;
}

/** Runs the doctor with `--json`, behind a command that sets limits, such as `prlimit --nofile=256`. */
function runDoctor(behind: readonly string[], ...args: readonly string[]): DoctorEnd {
  const [command, ...rest] = [...behind, process.execPath, programPath, 'doctor', '--json'];
  const { status, stdout, stderr } = spawnSync(command, [...rest, ...args], { encoding: 'utf8' });
  assert.ok(stdout.startsWith('{'), stderr);
  const examination = JSON.parse(stdout) as Examination;
  const find = (limit: string): Finding => {
    const found = examination.findings.find((finding) => finding.limit === limit);
    assert.ok(found !== undefined, `${limit} is missing in ${stdout}`);
    return found;
  };
  return { exitStatus: status, stderr, examination, find };
}

function outputOf(command: string, ...args: readonly string[]): string {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout.trim();
}

const count = (text: string): string => Number(text).toLocaleString('en-US');

describe('tidemark doctor --connections 1000000', () => {
  it('says of each limit what other programs say of it', (t) => {
    if (isMissing(t, 'sysctl', 'sysctl', '-n', 'fs.file-max')) return;
    const { find } = runDoctor([], '--connections=1000000');
    for (const name of [
      'fs.nr_open',
      'fs.file-max',
      'net.core.somaxconn',
      'net.ipv4.tcp_max_syn_backlog',
    ]) {
      assert.equal(find(name).here, count(outputOf('sysctl', '-n', name)), name);
    }
    assert.equal(find('open files of a process').here, count(outputOf('sh', '-c', 'ulimit -Hn')));
    const [first = 0, last = 0] = outputOf('sysctl', '-n', 'net.ipv4.ip_local_port_range')
      .split(/\s+/)
      .map(Number);
    assert.equal(
      find('net.ipv4.ip_local_port_range').here,
      `${count(`${last - first + 1}`)} ports`,
    );
    assert.equal(
      find('vm.overcommit_memory').here,
      outputOf('sysctl', '-n', 'vm.overcommit_memory'),
    );
    const tracked = outputOf('sysctl', '-n', 'net.netfilter.nf_conntrack_max');
    const table = find('net.netfilter.nf_conntrack_max');
    if (tracked === '') assert.equal(table.here, 'nothing is tracked');
    else assert.ok(table.here.startsWith(`${count(tracked)}, `), table.here);
    const cores = outputOf('nproc');
    assert.match(find('processor cores').here, new RegExp(`(^|, of )${cores}$`));
    assert.ok(find('native build').here.startsWith(`Node ${process.versions.node}, glibc `));
    assert.match(find('native build').needed, /^uWebSockets\.js 20\.\d+.* loads$/);
    assert.match(find('what else runs').here, /^\d+ %/);
  });

  it('ends by what it has found, and says it to people too', () => {
    const few = runDoctor([], '--connections=100');
    assert.equal(few.exitStatus, 0);
    assert.match(
      few.stderr,
      /\n100 connections can be opened here[^\n]*; the most is about [\d,]+\n/,
    );
    const many = runDoctor([], '--connections=100000000');
    assert.equal(many.exitStatus, 1);
    assert.match(many.stderr, /✗ not ok {2}memory available /);
    assert.match(many.stderr, /\nCannot open 100,000,000 connections: .* for about [\d,]+\n/);
  });
});

describe('tidemark doctor, under limits', () => {
  it('plans around few open files, and says how to have more', (t) => {
    if (isMissing(t, 'prlimit', 'prlimit', '--nofile=256:256', 'true')) return;
    const { exitStatus, find } = runDoctor(['prlimit', '--nofile=256:256'], '--connections=10000');
    const { here, needed, state, remedies } = find('open files of a process');
    assert.equal(exitStatus, 0);
    assert.equal(here, '256');
    // 128 of them are for connections; workers have head-room for the uneven spread.
    assert.match(needed, /^enough with 1\d\d server \+ 79 generator processes$/);
    assert.equal(state, 'tight');
    // At that rate the bench fills them one after the other, so that each gets exactly its share.
    const inTurn = runDoctor(['prlimit', '--nofile=256:256'], '--connections=10000', '--rate=max');
    const plan = inTurn.find('open files of a process').needed;
    assert.match(plan, /^enough with 79 server \+ 79 generator processes$/);
    assert.match(remedies[0] ?? '', /^sudo prlimit --pid \$\$ --nofile=\d+:\d+ /);
    const worse = runDoctor(['prlimit', '--nofile=100:100'], '--connections=10');
    assert.equal(worse.exitStatus, 1);
    assert.equal(worse.examination.largest, 0);
  });

  it('is right for an unprivileged user, whom a limit on processes binds', (t) => {
    const behind = ['unshare', '--user', 'prlimit', '--nproc=60:60'];
    if (isMissing(t, 'a user namespace', 'unshare', '--user', 'true')) return;
    const { exitStatus, find, examination } = runDoctor(behind, '--connections=1000000');
    assert.equal(exitStatus, 1);
    const { here, state, remedies } = find('threads of this user');
    assert.equal(here, '60');
    assert.equal(state, 'not ok');
    assert.match(remedies[0] ?? '', /--nproc=\d+/);
    assert.ok(examination.largest < 1_000_000);
    assert.match(find('fs.nr_open').here, /^[\d,]+$/);
  });

  it('is right in a control group of 512 MB', (t) => {
    const group = createMemoryGroup(t, 512_000_000);
    if (group === undefined) return;
    const inside = ['sh', '-c', `echo $$ > ${group.members} && exec "$0" "$@"`];
    const { exitStatus, find, examination } = runDoctor(inside, '--connections=1000000');
    assert.equal(exitStatus, 1);
    const { here, state, remedies } = find('memory of the control group');
    assert.match(here, /^[34]\d\d MiB free of 488 MiB$/);
    assert.equal(state, 'not ok');
    assert.match(remedies[0] ?? '', new RegExp(`^echo \\d+M \\| sudo tee ${group.limit}$`));
    assert.match(remedies[1] ?? '', /^docker: --memory=\d+m; /);
    const { largest } = examination;
    assert.ok(largest > 10_000 && largest < 45_000, `${largest}`);
    const fits = runDoctor(inside, `--connections=${Math.floor(largest * 0.8)}`);
    assert.equal(fits.exitStatus, 0, fits.stderr);
  });
});
