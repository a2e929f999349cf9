import assert from 'node:assert/strict';
import {
  checkMachine,
  examine,
  findLargest,
  findObstacles,
  formatConclusion,
  formatExamination,
} from './examination.js';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exampleDemand, exampleMachine } from './example-machine.fixture.js';
import type { Finding } from './checks/finding.js';
import type { MachineFacts } from './checks/machine-facts.js';
import type { RunDemand } from './checks/process-plan.js';

describe('examine()', () => {
  it('can run what nothing stops', () => {
    const { can_run, largest } = examine(exampleMachine, exampleDemand);
    assert.equal(can_run, true);
    assert.equal(largest, 1_230_096);
  });

  it('can’t run what something stops', () => {
    const demand = { ...exampleDemand, connections: 2_000_000 };
    assert.equal(examine(exampleMachine, demand).can_run, false);
  });

  it('finds the same largest number whatever was asked for', () => {
    for (const connections of [100, 100_000_000]) {
      const { largest } = examine(exampleMachine, { ...exampleDemand, connections });
      assert.equal(largest, 1_230_096);
    }
  });
});

describe('formatConclusion()', () => {
  it('says how many more could be', () => {
    assert.equal(
      formatConclusion(examine(exampleMachine, exampleDemand)),
      '10,000 connections can be opened here; the most is about 1,230,000',
    );
  });

  it('says how many limits are tight', () => {
    const machine = { ...exampleMachine, acceptBacklog: 128 };
    assert.match(formatConclusion(examine(machine, exampleDemand)), /; 1 limit is tight; /);
  });

  it('does not say that what stops everything is enough for none', () => {
    const nativeBuild = { kind: 'fails', reason: 'no build', advice: ['another server'] } as const;
    const machine = { ...exampleMachine, nativeBuild };
    assert.equal(
      formatConclusion(examine(machine, exampleDemand)),
      'Cannot open 10,000 connections: native build: Node 20.20.0, glibc 2.36, needed a build that loads',
    );
  });

  it('says what stops it, and how many can be', () => {
    const demand = { ...exampleDemand, connections: 1_300_000 };
    assert.equal(
      formatConclusion(examine(exampleMachine, demand)),
      'Cannot open 1,300,000 connections: fs.file-max: 2,466,193, needed 2,606,000, which is enough for about 1,230,000',
    );
  });
});

describe('formatExamination()', () => {
  it('writes each limit with what it is, and what lifts it', () => {
    const demand = { ...exampleDemand, connections: 1_300_000 };
    const lines = formatExamination(examine(exampleMachine, demand)).split('\n');
    const at = lines.findIndex((line) => line.includes('fs.file-max'));
    assert.deepEqual(lines.slice(at, at + 3), [
      '✗ not ok  fs.file-max                     2,466,193; needed: 2,606,000',
      '          open files of all processes; a connection is one at each end',
      "          → sudo sysctl -w fs.file-max='5212000'",
    ]);
    assert.match(lines.at(-1) ?? '', /sysctl\.d/);
  });

  it('says nothing of sysctl where none is needed', () => {
    assert.doesNotMatch(formatExamination(examine(exampleMachine, exampleDemand)), /sysctl -w/);
  });
});

const million: RunDemand = { ...exampleDemand, connections: 1_000_000 };
const group = (limit: number, used: number) => ({ limit, used, file: '/sys/fs/cgroup/x' });

function find(
  limit: string,
  facts: Partial<MachineFacts> = {},
  demand: Partial<RunDemand> = {},
): Finding {
  const findings = checkMachine({ ...exampleMachine, ...facts }, { ...exampleDemand, ...demand });
  const found = findings.find((each) => each.limit === limit);
  assert.ok(found !== undefined, `${limit} is looked at`);
  return found;
}

describe('checkMachine()', () => {
  it('finds nothing to complain of where a small run meets a usual machine', () => {
    const findings = checkMachine(exampleMachine, exampleDemand);
    assert.deepEqual(
      findings.filter(({ state }) => state !== 'ok'),
      [],
    );
    assert.ok(findings.every(({ remedies }) => remedies.length === 0));
  });

  it('says what a million takes, and what is tight', () => {
    const tight = checkMachine(exampleMachine, million).filter(({ state }) => state !== 'ok');
    assert.deepEqual(
      tight.map(({ limit, state }) => [limit, state]),
      [
        ['open files of a process', 'tight'],
        ['net.ipv4.tcp_mem', 'tight'],
      ],
    );
    assert.equal(
      find('open files of a process', {}, million).needed,
      'enough with 53 server + 51 generator processes',
    );
    assert.equal(find('fs.file-max', {}, million).needed, '2,006,000');
    assert.equal(find('net.ipv4.ip_local_port_range', {}, million).needed, '36 source addresses');
  });

  const stopped: readonly (readonly [string, Partial<MachineFacts>, Partial<RunDemand>, RegExp])[] =
    [
      ['open files of a process', { openFiles: 100 }, {}, /prlimit/],
      ['open files of a process', {}, { server: 'one process', connections: 20_000 }, /prlimit/],
      ['fs.file-max', { systemFiles: { limit: 20_000, used: 0 } }, {}, /fs\.file-max='50000'/],
      ['memory available', { availableMemoryBytes: 1e8 }, {}, /fewer/],
      [
        'memory of the control group',
        { memoryGroup: group(2 ** 27, 0) },
        {},
        /^echo \d+M \| sudo tee \/sys/,
      ],
      ['threads of the control group', { pidsGroup: group(60, 20) }, {}, /sudo tee/],
      ['threads of this user', { userThreads: { limit: 60, used: undefined } }, {}, /nproc/],
      [
        'kernel.pid_max',
        { systemThreads: { variable: 'kernel.pid_max', limit: 120, used: 110 } },
        {},
        /kernel\.pid_max='\d+'/,
      ],
      [
        'native build',
        { nativeBuild: { kind: 'fails', reason: 'use Node 20', advice: ['another server'] } },
        {},
        /^use Node 20$/,
      ],
    ];
  for (const [limit, facts, demand, remedy] of stopped) {
    it(`says what stops a run, and what lifts it: ${limit}, ${JSON.stringify({ ...facts, ...demand })}`, () => {
      const { state, remedies } = find(limit, facts, demand);
      assert.equal(state, 'not ok');
      assert.match(remedies[0] ?? '', remedy);
    });
  }

  const slowed: readonly (readonly [string, Partial<MachineFacts>, Partial<RunDemand>])[] = [
    ['net.core.somaxconn', { acceptBacklog: 128 }, {}],
    ['net.ipv4.tcp_max_syn_backlog', { synBacklog: 128 }, {}],
    ['net.netfilter.nf_conntrack_max', { conntrack: { limit: 10_000, used: 1 } }, {}],
    ['vm.overcommit_memory', { overcommit: 2 }, {}],
    ['kernel.yama.ptrace_scope', { memoryReading: 'none' }, {}],
    ['kernel.yama.ptrace_scope', { memoryReading: 'started' }, { server: 'running' }],
    ['processor cores', {}, { rate: 20_000 }],
    ['processor cores', { cpuQuota: 0.5 }, {}],
    ['what else runs', { otherWork: { cpuPercent: 50, processes: [] } }, {}],
    ['ports 8080 and 9090', { portsTaken: [8080] }, {}],
  ];
  for (const [limit, facts, demand] of slowed) {
    it(`says what slows a run down: ${limit}, ${JSON.stringify({ ...facts, ...demand })}`, () => {
      const { state, remedies } = find(limit, facts, demand);
      assert.equal(state, 'tight');
      assert.ok(remedies.length > 0);
    });
  }

  it('says what it could not read', () => {
    const unreadable = [
      find('fs.nr_open', { highestOpenFiles: undefined }),
      find('fs.file-max', { systemFiles: undefined }),
      find('net.ipv4.ip_local_port_range', { ephemeralPorts: undefined }),
      find('net.core.somaxconn', { acceptBacklog: undefined }),
      find('net.ipv4.tcp_mem', { tcpMemoryBytes: undefined }),
      find('vm.overcommit_memory', { overcommit: undefined }),
    ];
    for (const { limit, state, here } of unreadable) {
      assert.equal(state, 'unknown', limit);
      assert.match(here, /^can't read \/proc\/sys\//, limit);
    }
  });

  it('counts the ends of the connections that are here', () => {
    const half = find('fs.file-max', {}, { ...million, server: 'elsewhere' });
    assert.equal(half.needed, '1,006,000');
  });

  it('leaves the memory of a server that runs already to its own control group', () => {
    const facts = { memoryGroup: group(64 * 2 ** 20, 0) };
    const demand = { server: 'running', holdsGenerator: false } as const;
    assert.equal(find('memory of the control group', facts, demand).state, 'ok');
    const started = { server: 'started', holdsGenerator: false, connections: 100_000 } as const;
    assert.equal(find('memory of the control group', facts, started).state, 'not ok');
  });
});

describe('findLargest()', () => {
  it('is the most that nothing stops', () => {
    const limits = fc.record({
      openFiles: fc.integer({ min: 20, max: 1_048_576 }),
      systemFiles: fc.record({
        limit: fc.integer({ min: 1, max: 10_000_000 }),
        used: fc.constant(0),
      }),
      availableMemoryBytes: fc.integer({ min: 1, max: 1e12 }),
      pidsGroup: fc.option(
        fc.integer({ min: 1, max: 5000 }).map((limit) => group(limit, 0)),
        {
          nil: undefined,
        },
      ),
    });
    fc.assert(
      fc.property(limits, (few) => {
        const facts = { ...exampleMachine, ...few };
        const largest = findLargest(facts, exampleDemand);
        const stops = (connections: number): boolean =>
          findObstacles(facts, { ...exampleDemand, connections }).length > 0;
        assert.ok(largest === 0 || !stops(largest));
        assert.ok(stops(largest + 1));
      }),
      { numRuns: 50 },
    );
  });

  it('is 0 where nothing can run', () => {
    const nativeBuild = { kind: 'fails', reason: 'use Node 20', advice: [] } as const;
    assert.equal(findLargest({ ...exampleMachine, nativeBuild }, exampleDemand), 0);
  });
});
