import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { messageOf, peopleStream, RunError } from '../../program/failure.js';
import { addGuidance } from '../../program/guidance.js';
import { addOptions, readOptions, switchOption } from '../../program/option-table.js';
import { describeSummary } from '../run/describe-run.js';
import type { ShardSummary } from './merge-summaries.js';
import { type MergedRun, mergeRun } from './merged-run.js';
import { readShard } from './read-shard.js';

/** Every option of `tidemark merge`. */
export const mergeOptionTable = {
  json: switchOption('Output', 'print the merged summary as one JSON document on standard output'),
};

const examples = [
  {
    line: 'tidemark merge shard-0.json shard-1.json shard-2.json shard-3.json',
    does: 'what four generators printed with --json, as one run',
  },
  {
    line: 'tidemark merge --json shard-0.jsonl shard-1.jsonl',
    does: 'lines of --json-lines; of a generator that died, its last counts',
  },
  {
    line: 'tidemark merge <(kubectl logs loadgen-0-x7k2p) <(kubectl logs loadgen-1-9qm4d)',
    does: 'the logs of the pods of a Kubernetes job',
  },
];

/** Adds `tidemark merge`. */
export function addMergeCommand(program: Command): void {
  const command = program
    .command('merge')
    .description(
      'Merges what the shards of one load have printed, as if one generator had done it all.',
    )
    .argument('<files...>', 'what each `tidemark loadgen --shard I/N` has printed, one file each');
  addOptions(command, mergeOptionTable);
  addGuidance(command, mergeOptionTable, examples);
  command.action((files: readonly string[]) => {
    const { json } = readOptions(command, mergeOptionTable);
    printMerged(mergeFiles(files), json);
  });
}

function mergeFiles(files: readonly string[]): MergedRun {
  const problems: string[] = [];
  const shards = files.flatMap((name): ShardSummary[] => {
    try {
      return [{ name, summary: readShard(readFileSync(name, 'utf8')) }];
    } catch (error) {
      problems.push(error instanceof RangeError ? `${name} ${error.message}` : messageOf(error));
      return [];
    }
  });
  if (problems.length > 0) throw new RunError(`Cannot merge: ${problems.join('; ')}`);
  try {
    return mergeRun(shards);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RunError(`Cannot merge: ${error.message}`, { cause: error });
  }
}

function printMerged(
  { summary, shardCount, missing, clockDoubts }: MergedRun,
  json: boolean,
): void {
  if (json) {
    const document = {
      ...summary,
      merged_shards: shardCount,
      missing_shards: missing,
      clock_doubts: clockDoubts,
    };
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  }
  const people = peopleStream(json);
  const doubts = clockDoubts.map((text) => `Clocks: ${text}\n`);
  people.write(
    `${shardCount - missing.length} of ${shardCount} shards of a load to ${summary.url}\n${describeSummary(summary)}\n${doubts.join('')}`,
  );
  if (summary.outcome !== 'completed')
    throw new RunError(summary.reason ?? `The run was ${summary.outcome}`);
  if (summary.discrepancies.length > 0) {
    throw new RunError(`The counts do not reconcile: ${summary.discrepancies.join('; ')}`);
  }
}
