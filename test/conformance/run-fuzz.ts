/**
 * Sends streams of random frames, valid but for faults now and then, to our server and to `ws`, and checks all that comes
 * back: `npm run fuzz`, or `npm run fuzz -- 100000 42` until so many frames have been read, from that seed. Prints a Markdown
 * table. `npm run fuzz -- --faults` tries servers with planted faults instead. Exit status 0 if all is right, and each planted
 * fault is found; 1 otherwise; 2 for a wrong command line.
 */
import { parseArgs } from 'node:util';
import { killAllOnSignal } from '../../bench/ending.js';
import { markdownTable } from '../../program/markdown.js';
import { exitStatus, messageOf } from '../../program/failure.js';
import { formatCount, parseWholeNumber } from '../../program/quantities.js';
import { fuzz, type FuzzResult } from './fuzz.js';
import { withFaultyServer, withServer } from './fuzz-target.js';
import {
  describeMisdeed,
  describeResolution,
  findFaults,
  fuzzRow,
  fuzzTableHead,
  isAsPlanted,
} from './fuzz-verdict.js';
import { plantedFaultNames, plantedFaults } from './planted-faults.js';
import { conformanceServers } from './servers.js';

/** Misdeeds that are told one by one. */
const mostTold = 20;

/** A server with a planted hang is not worth the patience of a real one, in milliseconds. */
const plantedDeadlineMs = 2000;

interface Options {
  readonly frames: number;
  readonly seed: number;
  readonly triesFaults: boolean;
}

killAllOnSignal();

const options = readOptions();
if (options !== undefined) {
  const isRight = await (options.triesFaults ? tryPlantedFaults(options) : tryServers(options));
  process.exitCode = isRight ? exitStatus.done : exitStatus.failed;
}

/** Reads the command line; undefined if it is wrong, which it says. */
function readOptions(): Options | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { faults: { type: 'boolean', default: false } },
    });
    const [frames = '1000000', seed = String(Date.now() % 2 ** 31)] = positionals;
    return {
      frames: parseWholeNumber(frames, 1),
      seed: parseWholeNumber(seed, 0, 2 ** 31),
      triesFaults: values.faults,
    };
  } catch (error) {
    process.stderr.write(`fuzz: ${messageOf(error)}\n`);
    process.exitCode = exitStatus.usage;
    return undefined;
  }
}

async function tryServers({ frames, seed }: Options): Promise<boolean> {
  process.stdout.write(`${formatCount(frames)} frames to be read, seed ${seed}\n\n`);
  const rows: string[][] = [];
  const notes: string[] = [];
  let isRight = true;
  for (const server of conformanceServers) {
    const begin = performance.now();
    const result = await withServer(server, (target) => fuzz(target, { frames, seed }));
    const seconds = (performance.now() - begin) / 1000;
    rows.push(fuzzRow(server, result));
    if (findFaults(result).length > 0) isRight = false;
    const resolution =
      result.growth === undefined ? 'Memory was not judged' : describeResolution(result.growth);
    notes.push(`${server}: ${seconds.toFixed(0)} s. ${resolution}.`);
    tellMisdeeds(server, seed, result);
  }
  process.stdout.write(`${markdownTable(fuzzTableHead, rows)}\n\n${notes.join('\n')}\n`);
  return isRight;
}

async function tryPlantedFaults({ seed }: Options): Promise<boolean> {
  process.stdout.write(`Planted faults, seed ${seed}\n\n`);
  const rows: string[][] = [];
  let isRight = true;
  for (const name of plantedFaultNames) {
    const { frames, findings, summary } = plantedFaults[name];
    const result = await withFaultyServer(name, (target) =>
      fuzz(target, { frames, seed, deadlineMs: plantedDeadlineMs }),
    );
    const isFound = isAsPlanted(findFaults(result), findings);
    if (!isFound) isRight = false;
    rows.push([summary, isFound ? 'yes' : '**no**', ...fuzzRow(name, result).slice(1)]);
  }
  const head = ['planted fault', 'as it has to be', ...fuzzTableHead.slice(1)];
  process.stdout.write(`${markdownTable(head, rows)}\n`);
  return isRight;
}

function tellMisdeeds(server: string, seed: number, { misdeeds }: FuzzResult): void {
  for (const misdeed of misdeeds.slice(0, mostTold)) {
    process.stderr.write(`${describeMisdeed(server, seed, misdeed)}\n`);
  }
  const untold = misdeeds.length - mostTold;
  if (untold > 0) process.stderr.write(`${server}: and ${formatCount(untold)} more\n`);
}
