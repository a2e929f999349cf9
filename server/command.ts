import { type Command, Option } from 'commander';
import { addGuidance } from '../program/guidance.js';
import { addOptions } from '../program/option-table.js';
import { peopleStream } from '../program/failure.js';
import { noteOnCompression } from './compression.js';
import type { ListeningDocument } from './documents.js';
import { describeBinding, findNativeBinding } from './native-binding.js';
import { readServerOptions, serverOptionTable, type ServerOptions } from './options.js';
import { runServer } from './supervisor.js';

const examples = [
  {
    line: 'tidemark server',
    does: 'greets and echoes on ws://127.0.0.1:8080, admin port 9090',
  },
  {
    line: 'tidemark server --max-connections 400000 --no-greeting',
    does: 'as many workers as the open-file limit asks for, silent on open',
  },
  {
    line: 'tidemark server --tls-cert cert.pem --tls-key key.pem --port 8443',
    does: 'wss://',
  },
];

/** Adds `tidemark server`. */
export function addServerCommand(program: Command): void {
  const command = program
    .command('server')
    .description(
      'Runs the uWebSockets.js server: greets each client on open and echoes what it sends.',
    );
  addOptions(command, serverOptionTable);
  command.addOption(
    new Option(
      '--version',
      'print the version, ABI and file of the uWebSockets.js build that loads here',
    ).helpGroup('Help:'),
  );
  addGuidance(command, serverOptionTable, examples);
  command.action(async () => {
    const options = readServerOptions(command);
    if (command.getOptionValue('version') === true) printVersion(options);
    else process.exitCode = await serve(options);
  });
}

function printVersion(options: ServerOptions): void {
  process.stdout.write(`${describeBinding(findNativeBinding(options.uws))}\n`);
}

async function serve(options: ServerOptions): Promise<number> {
  // Whatever reads the output may be gone before the server is, which still has connections to close.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const people = peopleStream(options.json);
  return runServer(options, {
    listening: (document) => {
      if (options.json) process.stdout.write(`${JSON.stringify(document)}\n`);
      people.write(`${describeStart(document)}\n`);
      const note = noteOnCompression(options.compression);
      if (note !== undefined) people.write(`${note}\n`);
    },
    tlsReloaded: (description) => {
      people.write(`New connections get the certificate with ${description}\n`);
    },
    stopping: (reason) => {
      people.write(`Closing all connections (${reason})\n`);
    },
  });
}

function describeStart(document: ListeningDocument): string {
  const workers = document.worker_pids.length;
  return [
    `Listening on ${document.url} with ${workers} ${workers === 1 ? 'worker' : 'workers'}, up to ${document.max_connections} connections`,
    `Admin port ${document.admin_url}: /healthz /metrics /stats`,
    describeBinding(document.uws),
  ].join('\n');
}
