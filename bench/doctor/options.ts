import { benchOptionTable } from '../options.js';
import { parseChoice } from '../../program/choice.js';
import { option, switchOption } from '../../program/option-table.js';

/** What of a run is to be on this machine. */
export const roles = ['both', 'server', 'loadgen'] as const;

/** One of {@link roles}. */
export type Role = (typeof roles)[number];

/** Every option of `tidemark doctor`. */
export const doctorOptionTable = {
  connections: { ...benchOptionTable.connections, summary: 'connections to be open at once' },
  rate: benchOptionTable.rate,
  role: option<Role>({
    group: 'Load',
    argument: roles.join('|'),
    summary: 'what of the run is to be on this machine',
    parse: (text) => parseChoice(text, roles),
    default: 'both',
  }),
  json: switchOption('Output', 'print the findings as one JSON document on standard output'),
};
